// Numbers the calls with which a process changes files, and makes one of them kill the process or fail.
//
// To be preloaded (LD_PRELOAD). strace's injection counts each thread's calls by themselves, so that it cannot reach all
// of them; this counts over all threads. Build: cc -shared -fPIC -o crash_points.so crash_points.c
//
//   CRASH_PATHS  the calls on paths that begin so are counted
//   CRASH_LOG    each is noted here: its number, name and path
//   CRASH_AT     the call that is changed
//   CRASH_HOW    kill: before it; torn: after half of a write, or after the call; a number: it fails with this errno
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096 };
static const char *_Atomic names[DESCRIPTORS];  // the paths of watched descriptors; never freed
static atomic_int count;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int is_watched(const char *path) {
  const char *prefix = getenv("CRASH_PATHS");
  return prefix && path && strncmp(path, prefix, strlen(prefix)) == 0;
}

static const char *name_of(int fd) { return fd >= 0 && fd < DESCRIPTORS ? names[fd] : NULL; }

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

enum verdict { GO_ON, FAIL, TEAR };

// What becomes of the next call, which is on a watched path.
static enum verdict next_call(const char *call, const char *path) {
  int number = atomic_fetch_add(&count, 1) + 1;
  const char *log = getenv("CRASH_LOG"), *at = getenv("CRASH_AT"), *how = getenv("CRASH_HOW");
  if (log) {
    char line[512];
    int length = snprintf(line, sizeof line, "%d %s %s\n", number, call, path);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    syscall(SYS_write, fd, line, length);
    syscall(SYS_close, fd);
  }
  if (!at || !how || atoi(at) != number) return GO_ON;
  if (strcmp(how, "kill") == 0) die();
  if (strcmp(how, "torn") == 0) return TEAR;
  errno = atoi(how);
  return FAIL;
}

static int remember(int fd, const char *path) {
  if (fd >= 0 && fd < DESCRIPTORS) names[fd] = strdup(path);
  return fd;
}

#define OPEN(name)                                                             \
  int name(const char *path, int flags, ...) {                                 \
    va_list list;                                                              \
    va_start(list, flags);                                                     \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;    \
    va_end(list);                                                              \
    if (!is_watched(path)) {                                                   \
      int fd = REAL(name)(path, flags, mode);                                  \
      if (fd >= 0 && fd < DESCRIPTORS) names[fd] = NULL;                       \
      return fd;                                                               \
    }                                                                          \
    enum verdict verdict = next_call("open", path);                            \
    if (verdict == FAIL) return -1;                                            \
    int fd = remember(REAL(name)(path, flags, mode), path);                    \
    if (verdict == TEAR) die();                                                \
    return fd;                                                                 \
  }
OPEN(open)
OPEN(open64)

#define WRITE(name, parameters, whole, half)                                   \
  ssize_t name parameters {                                                    \
    const char *path = name_of(fd);                                            \
    enum verdict verdict = path ? next_call("write", path) : GO_ON;            \
    if (verdict == FAIL) return -1;                                            \
    if (verdict == TEAR) {                                                     \
      REAL(name) half;                                                         \
      die();                                                                   \
    }                                                                          \
    return REAL(name) whole;                                                   \
  }
WRITE(write, (int fd, const void *bytes, size_t size), (fd, bytes, size), (fd, bytes, size / 2))
WRITE(pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at), (fd, bytes, size / 2, at))
WRITE(pwrite64, (int fd, const void *bytes, size_t size, off64_t at), (fd, bytes, size, at), (fd, bytes, size / 2, at))

#define CALL(name, parameters, arguments, path)                                \
  int name parameters {                                                        \
    const char *watched = path;                                                \
    enum verdict verdict = watched ? next_call(#name, watched) : GO_ON;        \
    if (verdict == FAIL) return -1;                                            \
    int result = REAL(name) arguments;                                         \
    if (verdict == TEAR) die();                                                \
    return result;                                                             \
  }
CALL(fsync, (int fd), (fd), name_of(fd))
CALL(fdatasync, (int fd), (fd), name_of(fd))
CALL(ftruncate, (int fd, off_t size), (fd, size), name_of(fd))
CALL(ftruncate64, (int fd, off64_t size), (fd, size), name_of(fd))
CALL(unlink, (const char *path), (path), is_watched(path) ? path : NULL)
CALL(rename, (const char *from, const char *to), (from, to), is_watched(to) ? to : NULL)
