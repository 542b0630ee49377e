#pragma once
#include <sys/types.h>

// Starts a program and gives the read end of its standard output.
//
// It runs in `folder`, in a process group of its own, with no signal blocked or ignored, with an empty standard input, and
// with no other file of ours than standard error. `arguments` ends with NULL; its first is looked for in PATH unless it
// has a `/`.
//
// Returns 0, or an errno.
int jr_spawn(const char *folder, char *const arguments[], pid_t *pid, int *output);
