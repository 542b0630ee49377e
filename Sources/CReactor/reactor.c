#define _GNU_SOURCE
#include "CReactor.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

int jr_reactor_open(int32_t *epoll_fd, int32_t *wake_fd) {
  *epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (*epoll_fd < 0) return errno;
  *wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (*wake_fd < 0) return errno;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = *wake_fd};
  return epoll_ctl(*epoll_fd, EPOLL_CTL_ADD, *wake_fd, &event) ? errno : 0;
}

int jr_reactor_set_interest(int32_t epoll_fd, int32_t fd, uint32_t interest) {
  struct epoll_event event = {.data.fd = fd};
  if (interest == 0) {
    // The descriptor may be closed already, and so out of the set: that is what was asked for.
    if (epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, &event) == 0 || errno == ENOENT || errno == EBADF) return 0;
    return errno;
  }
  if (interest & JR_READABLE) event.events |= EPOLLIN;
  if (interest & JR_WRITABLE) event.events |= EPOLLOUT;
  if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0) return 0;
  if (errno != ENOENT) return errno;
  return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) ? errno : 0;
}

int jr_reactor_wait(int32_t epoll_fd, int32_t wake_fd, jr_event *events, int capacity, int64_t timeout_ns) {
  enum { BATCH = 64 };
  struct epoll_event ready[BATCH];
  struct timespec limit = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
  int most = capacity < BATCH ? capacity : BATCH;
  int count = epoll_pwait2(epoll_fd, ready, most, timeout_ns < 0 ? NULL : &limit, NULL);
  if (count < 0 && errno == ENOSYS) {  // before Linux 5.11: whole milliseconds, rounded up
    int64_t ms = timeout_ns < 0 ? -1 : (timeout_ns + 999999) / 1000000;
    count = epoll_wait(epoll_fd, ready, most, ms > 3600000 ? 3600000 : (int)ms);
  }
  int filled = 0;
  for (int i = 0; i < count; i++) {
    if (ready[i].data.fd == wake_fd) {
      uint64_t value;
      while (read(wake_fd, &value, sizeof value) > 0) {}
      continue;
    }
    uint32_t flags = ready[i].events;
    jr_event event = {.fd = ready[i].data.fd};
    if (flags & (EPOLLIN | EPOLLHUP | EPOLLRDHUP)) event.ready |= JR_READABLE;
    if (flags & EPOLLOUT) event.ready |= JR_WRITABLE;
    if (flags & EPOLLERR) event.ready |= JR_ERROR;
    events[filled++] = event;
  }
  return filled;
}

void jr_reactor_wake(int32_t wake_fd) {
  uint64_t one = 1;
  int saved = errno;
  // A full counter (EAGAIN) is as good as a write: the thread is awake.
  if (write(wake_fd, &one, sizeof one) < 0) {}
  errno = saved;
}

int64_t jr_monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
