/// The system calls under the reactor: epoll, eventfd, signals. Linux only.
#pragma once
#include <stdint.h>

enum { JR_READABLE = 1, JR_WRITABLE = 2, JR_ERROR = 4 };

/// What is ready, on which descriptor.
typedef struct jr_event {
  int32_t fd;
  uint32_t ready;
} jr_event;

/// Opens an epoll instance and an eventfd that wakes it. Returns 0, or an errno.
int jr_reactor_open(int32_t *epoll_fd, int32_t *wake_fd);

/// Registers, changes (`interest` != 0) or removes (`interest` == 0) a descriptor. Returns 0, or an errno.
int jr_reactor_set_interest(int32_t epoll_fd, int32_t fd, uint32_t interest);

/// Waits at most `timeout_ns` (< 0: for ever) and fills `events`. Returns their number; a signal counts as none.
/// A wake-up is consumed, and not an event.
int jr_reactor_wait(int32_t epoll_fd, int32_t wake_fd, jr_event *events, int capacity, int64_t timeout_ns);

/// Wakes the waiting thread. May be called on any thread, and in a signal handler.
void jr_reactor_wake(int32_t wake_fd);

/// Nanoseconds on CLOCK_MONOTONIC.
int64_t jr_monotonic_ns(void);

/// Sends the signal's number down a pipe from now on; returns the pipe's end to read, non-blocking, or -errno.
/// The first call makes the pipe; the handler is reset in child processes by `exec`. An ignored SIGHUP stays ignored.
/// A signal that was blocked is let through to the calling thread.
int jr_signal_catch(int signal_number);

/// Next caught signal, or 0.
int jr_signal_read(int32_t fd);

/// Starts a detached thread with a stack of `stack_bytes`. Returns 0, or an errno.
int jr_thread_start(const char *name, uint64_t stack_bytes, void (*body)(void *), void *context);
