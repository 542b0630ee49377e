#define _GNU_SOURCE
#include "CReactor.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct start {
  void (*body)(void *);
  void *context;
  char name[16];
} start;

static void *enter(void *argument) {
  start begin = *(start *)argument;
  free(argument);
  pthread_setname_np(pthread_self(), begin.name);
  begin.body(begin.context);
  return NULL;
}

int jr_thread_start(const char *name, uint64_t stack_bytes, void (*body)(void *), void *context) {
  start *begin = malloc(sizeof *begin);
  if (!begin) return ENOMEM;
  begin->body = body;
  begin->context = context;
  snprintf(begin->name, sizeof begin->name, "%s", name);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  int error = pthread_create(&thread, &attributes, enter, begin);
  pthread_attr_destroy(&attributes);
  if (error) free(begin);
  return error;
}
