// Runs a command and says what it cost.
//
//   measure FILE COMMAND [ARGUMENT...]    writes to FILE: start (CLOCK_MONOTONIC, ns), duration (ns),
//                                         user and system time (µs), peak memory (KiB)
//
// It exits as the command does. A program of its own, because a process inherits its parent's memory as the floor
// of its own peak: started from Python, nothing would seem smaller than Python.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static long long microseconds(struct timeval time) { return time.tv_sec * 1000000ll + time.tv_usec; }

int main(int count, char **arguments) {
  if (count < 3) return 64;
  long long start = now();
  pid_t child = fork();
  if (child == 0) {
    execvp(arguments[2], arguments + 2);
    perror(arguments[2]);
    _exit(127);
  }
  int status;
  struct rusage usage;
  if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
    perror("measure");
    return 70;
  }
  long long duration = now() - start;
  FILE *file = fopen(arguments[1], "w");
  if (!file) {
    perror(arguments[1]);
    return 73;
  }
  fprintf(file, "%lld %lld %lld %lld %ld\n", start, duration, microseconds(usage.ru_utime),
          microseconds(usage.ru_stime), usage.ru_maxrss);
  fclose(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
