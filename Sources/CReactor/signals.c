#define _GNU_SOURCE
#include "CReactor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int pipe_ends[2] = {-1, -1};

static void send_down_the_pipe(int signal_number) {
  int saved = errno;
  unsigned char number = (unsigned char)signal_number;
  if (write(pipe_ends[1], &number, 1) < 0) {}  // a full pipe already holds enough signals
  errno = saved;
}

int jr_signal_catch(int signal_number) {
  if (pipe_ends[0] < 0 && pipe2(pipe_ends, O_NONBLOCK | O_CLOEXEC)) return -errno;
  // `nohup` asks to outlive the terminal.
  struct sigaction present;
  if (signal_number == SIGHUP && sigaction(SIGHUP, NULL, &present) == 0 && present.sa_handler == SIG_IGN) {
    return pipe_ends[0];
  }
  struct sigaction action = {.sa_handler = send_down_the_pipe, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  if (sigaction(signal_number, &action, NULL)) return -errno;
  // Whoever started the process may have left its own signal mask behind; libdispatch's threads block everything.
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, signal_number);
  int error = pthread_sigmask(SIG_UNBLOCK, &wanted, NULL);
  if (error) return -error;
  return pipe_ends[0];
}

int jr_signal_read(int32_t fd) {
  unsigned char number;
  return read(fd, &number, 1) == 1 ? number : 0;
}
