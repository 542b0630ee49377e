// The benchmark's provider: answers every HTTP request with the same chat completion after a constant delay.
//
//   server PORT...    listens once for each, on free ports of 127.0.0.1, and prints the ports on a line
//
// A PORT is the delay in milliseconds. With `:CHUNKS/WRITES/GAP` behind it the completion is a text of so many pieces,
// streamed as a chunk for each, in so many writes that are GAP milliseconds apart; 0 writes: the same text in one piece.
// With an `o` behind that, the chunks have an `obfuscation` of varying length, as OpenAI's do.
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

#define MAX_PORTS 16
#define MAX_WRITES 1024
#define MAX_FILES 65536
#define QUEUE_SIZE (1u << 17)

// A write that is due at a time. Delays and gaps are constant: a port has one of them, so its queue is in order of time.
struct due {
  long long at;
  int fd;
  unsigned generation;
  int write;
};

struct port {
  int fd;
  long long delay, gap;
  char *response;
  // Where each write of the response ends.
  size_t ends[MAX_WRITES];
  int writes;
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

#define HEAD                                                                                                    \
  "HTTP/1.1 200 OK\r\ndate: Sun, 23 Nov 2025 16:00:00 GMT\r\nserver: bench\r\nopenai-processing-ms: 100\r\n"     \
  "openai-version: 2020-10-01\r\nx-request-id: req_0123456789abcdef\r\nx-ratelimit-limit-requests: 10000000\r\n" \
  "x-ratelimit-remaining-requests: 9999999\r\nx-ratelimit-reset-requests: 6ms\r\n"                               \
  "x-ratelimit-limit-tokens: 1000000000\r\nx-ratelimit-remaining-tokens: 999999000\r\n"                          \
  "x-ratelimit-reset-tokens: 0s\r\n"

static void make_response(struct port *port, const char *json) {
  port->response = malloc(4096 + strlen(json));
  port->writes = 1;
  port->ends[0] = (size_t)sprintf(
      port->response, HEAD "content-type: application/json\r\ncontent-length: %zu\r\n\r\n%s", strlen(json), json);
}

static const char *words[] = {" the", " quick", " brown", " fox", " jumps", ", over", " lazy", " dogs."};
#define USAGE "{\"prompt_tokens\":30,\"completion_tokens\":%d,\"total_tokens\":42}"

// A text of so many pieces, in one piece.
static void make_long_response(struct port *port, int pieces) {
  char *json = malloc(4096 + 16 * (size_t)pieces), *end = json;
  end += sprintf(end, "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"gpt-4.1\","
                      "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"");
  for (int i = 0; i < pieces; i++) end += sprintf(end, "%s", words[i % 8]);
  sprintf(end, "\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":" USAGE "}", pieces);
  make_response(port, json);
  free(json);
}

// Adds an event as a chunk of HTTP.
static char *add_event(char *end, const char *choices, const char *usage, const char *obfuscation) {
  char event[1024];
  int size = sprintf(event,
                     "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                     "\"model\":\"gpt-4.1\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_0123456789\","
                     "\"choices\":[%s],\"usage\":%s%s}\n\n",
                     choices, usage, obfuscation);
  return end + sprintf(end, "%x\r\n%s\r\n", (unsigned)size, event);
}

// The same text as a stream.
static void make_stream(struct port *port, int pieces, int writes, bool is_obfuscated) {
  char *end = port->response = malloc(8192 + 512 * (size_t)pieces);
  char choice[256], usage[128], obfuscation[64] = "";
  end += sprintf(end, HEAD "content-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n");
  end = add_event(end, "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},\"logprobs\":null,"
                       "\"finish_reason\":null}", "null", "");
  port->writes = 0;
  for (int i = 0; i < pieces; i++) {
    sprintf(choice, "{\"index\":0,\"delta\":{\"content\":\"%s\"},\"logprobs\":null,\"finish_reason\":null}", words[i % 8]);
    if (is_obfuscated) sprintf(obfuscation, ",\"obfuscation\":\"%.*s\"", i * 7 % 16, "aB3dE5gH7jK9mN1p");
    end = add_event(end, choice, "null", obfuscation);
    if ((i + 1) * writes / pieces > port->writes) port->ends[port->writes++] = (size_t)(end - port->response);
  }
  end = add_event(end, "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}", "null", "");
  sprintf(usage, USAGE, pieces);
  end = add_event(end, "", usage, "");
  end += sprintf(end, "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");
  port->ends[writes - 1] = (size_t)(end - port->response);
}

static void watch(int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

static void listen_on(struct port *port, const char *what) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int pieces = 0, writes = 0, buffer = 4 << 20;
  double gap = 0;
  char mark = 0;
  port->delay = (long long)(atof(what) * 1e6);
  if (!strchr(what, ':')) {
    make_response(port, completion);
  } else if (sscanf(strchr(what, ':'), ":%d/%d/%lf%c", &pieces, &writes, &gap, &mark) < 3 || writes > MAX_WRITES || writes > pieces) {
    fprintf(stderr, "not a port: %s\n", what);
    exit(64);
  } else if (writes == 0) {
    make_long_response(port, pieces);
  } else {
    make_stream(port, pieces, writes, mark == 'o');
  }
  port->gap = (long long)(gap * 1e6);
  port->queue = malloc(sizeof *port->queue * QUEUE_SIZE);
  port->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(port->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
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

static void put_due(struct port *port, int fd, int number, long long at) {
  if (port->tail - port->head == QUEUE_SIZE) fail("too many requests in flight");
  port->queue[port->tail++ % QUEUE_SIZE] =
      (struct due){.at = at, .fd = fd, .generation = connections[fd]->generation, .write = number};
}

// A write fits into an empty socket buffer, so a short one means a client that does not read.
static void respond(int fd, int number) {
  struct port *port = connections[fd]->port;
  size_t start = number ? port->ends[number - 1] : 0, size = port->ends[number] - start;
  if (write(fd, port->response + start, size) != (ssize_t)size) {
    hang_up(fd);
  } else if (number + 1 < port->writes && port->gap) {
    put_due(port, fd, number + 1, now() + port->gap);
  } else if (number + 1 < port->writes) {
    respond(fd, number + 1);
  }
}

static void request_complete(int fd) {
  struct port *port = connections[fd]->port;
  port->requests++;
  if (port->delay) {
    put_due(port, fd, 0, now() + port->delay);
  } else {
    respond(fd, 0);
  }
}

static void respond_due(struct port *port) {
  if (port->head == port->tail) return;
  long long time = now();
  while (port->head != port->tail && port->queue[port->head % QUEUE_SIZE].at <= time) {
    struct due due = port->queue[port->head++ % QUEUE_SIZE];
    if (connections[due.fd]->generation == due.generation) respond(due.fd, due.write);
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
  epoll = epoll_create1(0);
  port_count = count - 1 < MAX_PORTS ? count - 1 : MAX_PORTS;
  for (int i = 0; i < port_count; i++) listen_on(&ports[i], arguments[i + 1]);
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
