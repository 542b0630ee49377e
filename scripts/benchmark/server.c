// The benchmark's provider: answers every HTTP request with the same chat completion after a constant delay.
//
//   server DELAY_MS...    listens once for each delay, on free ports of 127.0.0.1, and prints the ports on a line
//
// For every line on standard input it prints a report of each port and counts anew; at the end of standard input it
// prints a last one and exits. A report has four numbers: complete requests, accepted connections, the time of the
// first byte of a request (CLOCK_MONOTONIC, ns), and the CPU time of the whole server since the report before (µs).

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_PORTS 4
#define MAX_FILES 65536
#define QUEUE_SIZE (1u << 17)

// A response that is due at a time. Delays are constant, so each port's queue is in order of time.
struct due {
  long long at;
  int fd;
  unsigned generation;
};

struct port {
  int fd;
  long long delay;
  long requests, connections;
  long long first_byte;
  struct due *queue;
  unsigned head, tail;
};

struct connection {
  struct port *port;
  unsigned generation;  // tells a connection from an earlier one with the same descriptor
  bool is_open, in_body;
  long long body_left;
  size_t used;
  char head[16384];
};

static struct port ports[MAX_PORTS];
static int port_count;
static struct connection *connections[MAX_FILES];
static char response[2048];
static size_t response_size;
static int epoll;

static const char completion[] =
    "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"gpt-4.1\",\"choices\":"
    "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Bonjour le monde, ceci est une traduction.\","
    "\"refusal\":null},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":12,"
    "\"total_tokens\":42}}";

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static void make_response(void) {
  response_size = (size_t)snprintf(
      response, sizeof response,
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: Sun, 23 Nov 2025 16:00:00 GMT\r\nserver: bench\r\n"
      "openai-processing-ms: 100\r\nopenai-version: 2020-10-01\r\nx-request-id: req_0123456789abcdef\r\n"
      "x-ratelimit-limit-requests: 10000000\r\nx-ratelimit-remaining-requests: 9999999\r\n"
      "x-ratelimit-reset-requests: 6ms\r\nx-ratelimit-limit-tokens: 1000000000\r\n"
      "x-ratelimit-remaining-tokens: 999999000\r\nx-ratelimit-reset-tokens: 0s\r\ncontent-length: %zu\r\n\r\n%s",
      sizeof completion - 1, completion);
}

static void watch(int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

static void listen_on(struct port *port, double delay_ms) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  port->delay = (long long)(delay_ms * 1e6);
  port->queue = malloc(sizeof *port->queue * QUEUE_SIZE);
  port->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (bind(port->fd, (struct sockaddr *)&address, size) || listen(port->fd, 4096)) fail("listen");
  getsockname(port->fd, (struct sockaddr *)&address, &size);
  printf("%d ", ntohs(address.sin_port));
  watch(port->fd);
}

static void accept_all(struct port *port) {
  int fd, one = 1;
  while ((fd = accept4(port->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    if (fd >= MAX_FILES) {
      close(fd);
      continue;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!connections[fd]) connections[fd] = calloc(1, sizeof(struct connection));
    struct connection *connection = connections[fd];
    connection->port = port;
    connection->is_open = true;
    connection->in_body = false;
    connection->used = 0;
    port->connections++;
    watch(fd);
  }
  if (errno != EAGAIN && errno != ECONNABORTED) fail("accept");
}

static void hang_up(int fd) {
  close(fd);
  connections[fd]->is_open = false;
  connections[fd]->generation++;
}

// A response fits into an empty socket buffer, so a short write means a client that does not read.
static void respond(int fd) {
  if (write(fd, response, response_size) != (ssize_t)response_size) hang_up(fd);
}

static void request_complete(int fd) {
  struct connection *connection = connections[fd];
  struct port *port = connection->port;
  port->requests++;
  if (!port->delay) {
    respond(fd);
    return;
  }
  if (port->tail - port->head == QUEUE_SIZE) fail("too many requests in flight");
  port->queue[port->tail++ % QUEUE_SIZE] =
      (struct due){.at = now() + port->delay, .fd = fd, .generation = connection->generation};
}

static void respond_due(struct port *port) {
  if (port->head == port->tail) return;
  long long time = now();
  while (port->head != port->tail && port->queue[port->head % QUEUE_SIZE].at <= time) {
    struct due due = port->queue[port->head++ % QUEUE_SIZE];
    if (connections[due.fd]->generation == due.generation) respond(due.fd);
  }
}

// Takes bytes of the head and gives how many; -1 for a head that is too large.
static ssize_t read_head(int fd, const char *bytes, size_t count) {
  struct connection *connection = connections[fd];
  size_t before = connection->used, room = sizeof connection->head - 1 - before;
  size_t taken = count < room ? count : room;
  memcpy(connection->head + before, bytes, taken);
  connection->used += taken;
  connection->head[connection->used] = 0;
  char *end = memmem(connection->head, connection->used, "\r\n\r\n", 4);
  if (!end) return taken < count ? -1 : (ssize_t)taken;
  end[2] = 0;
  char *length = strcasestr(connection->head, "\r\ncontent-length:");
  connection->body_left = length ? atoll(length + 17) : 0;
  if (connection->body_left > 1024 && strcasestr(connection->head, "\r\nexpect: 100-continue")) {
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (write(fd, go_on, sizeof go_on - 1) < 0) return -1;
  }
  connection->in_body = true;
  connection->used = 0;
  return end + 4 - connection->head - (ssize_t)before;
}

static void read_some(int fd) {
  static char buffer[1 << 18];
  struct connection *connection = connections[fd];
  ssize_t count = read(fd, buffer, sizeof buffer);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {
    hang_up(fd);
    return;
  }
  if (!connection->port->first_byte) connection->port->first_byte = now();
  for (const char *next = buffer, *end = buffer + count; next < end && connection->is_open;) {
    if (!connection->in_body) {
      ssize_t taken = read_head(fd, next, (size_t)(end - next));
      if (taken < 0) {
        hang_up(fd);
        return;
      }
      next += taken;
    } else {
      long long taken = end - next < connection->body_left ? end - next : connection->body_left;
      next += taken;
      connection->body_left -= taken;
    }
    if (connection->in_body && connection->body_left <= 0) {
      connection->in_body = false;
      request_complete(fd);
    }
  }
}

static void report(void) {
  static long long before;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  long long cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000ll + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  for (struct port *port = ports; port < ports + port_count; port++) {
    printf("%ld %ld %lld %lld ", port->requests, port->connections, port->first_byte, cpu - before);
    port->requests = port->connections = 0;
    port->first_byte = 0;
  }
  before = cpu;
  printf("\n");
  fflush(stdout);
}

// Waits for events, at most until the next response is due.
static int wait_for_events(struct epoll_event *events, int count) {
  long long next = -1;
  for (struct port *port = ports; port < ports + port_count; port++) {
    if (port->head == port->tail) continue;
    long long left = port->queue[port->head % QUEUE_SIZE].at - now();
    if (left < 0) left = 0;
    if (next < 0 || left < next) next = left;
  }
  struct timespec limit = {.tv_sec = next / 1000000000, .tv_nsec = next % 1000000000};
  return epoll_pwait2(epoll, events, count, next < 0 ? NULL : &limit, NULL);
}

int main(int count, char **arguments) {
  signal(SIGPIPE, SIG_IGN);
  make_response();
  epoll = epoll_create1(0);
  port_count = count - 1 < MAX_PORTS ? count - 1 : MAX_PORTS;
  for (int i = 0; i < port_count; i++) listen_on(&ports[i], atof(arguments[i + 1]));
  printf("\n");
  fflush(stdout);
  watch(STDIN_FILENO);
  for (;;) {
    struct epoll_event events[512];
    int ready = wait_for_events(events, 512);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      struct port *port = ports;
      while (port < ports + port_count && port->fd != fd) port++;
      if (port < ports + port_count) {
        accept_all(port);
      } else if (fd == STDIN_FILENO) {
        char line[64];
        ssize_t size = read(fd, line, sizeof line);
        report();
        if (size <= 0) return 0;
      } else if (connections[fd]->is_open) {
        read_some(fd);
      }
    }
    for (struct port *port = ports; port < ports + port_count; port++) respond_due(port);
  }
}
