/// libcurl, with typed wrappers of its variadic functions, which Swift cannot call.
#pragma once
#include <curl/curl.h>

#include "response.h"

static inline CURLcode jr_easy_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode jr_easy_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode jr_easy_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode jr_easy_set_headers(CURL *easy, struct curl_slist *headers) {
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}
static inline CURLcode jr_easy_set_share(CURL *easy, CURLSH *share) {
  return curl_easy_setopt(easy, CURLOPT_SHARE, share);
}
/// The body is not copied: it must stay where it is until the transfer has ended.
static inline CURLcode jr_easy_set_body(CURL *easy, const void *bytes, curl_off_t count) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, count);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_POSTFIELDS, bytes);
}

typedef size_t (*jr_data_function)(char *bytes, size_t size, size_t count, void *context);
typedef int (*jr_prereq_function)(void *context, char *remote, char *local, int remote_port, int local_port);
typedef curl_socket_t (*jr_open_function)(void *context, curlsocktype purpose, struct curl_sockaddr *address);
typedef int (*jr_close_function)(void *context, curl_socket_t socket);

static inline CURLcode jr_easy_set_write(CURL *easy, jr_data_function function, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, function);
}
static inline CURLcode jr_easy_set_header(CURL *easy, jr_data_function function, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, function);
}
static inline CURLcode jr_easy_set_prereq(CURL *easy, jr_prereq_function function, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
}
static inline CURLcode jr_easy_set_open(CURL *easy, jr_open_function function, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
}
static inline CURLcode jr_easy_set_close(CURL *easy, jr_close_function function, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, context);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, function);
}

static inline long jr_easy_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(easy, info, &value);
  return value;
}
/// Bytes of the request's body that have gone out so far.
static inline curl_off_t jr_easy_get_sent(CURL *easy) {
  curl_off_t value = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &value);
  return value;
}
static inline void *jr_easy_get_private(CURL *easy) {
  char *value = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value);
  return value;
}

typedef int (*jr_socket_function)(CURL *easy, curl_socket_t socket, int what, void *context, void *socket_context);
typedef int (*jr_timer_function)(CURLM *multi, long timeout_ms, void *context);

static inline CURLMcode jr_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode jr_multi_set_socket(CURLM *multi, jr_socket_function function, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
}
static inline CURLMcode jr_multi_set_timer(CURLM *multi, jr_timer_function function, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
}
/// The next finished transfer of a multi handle, or NULL.
static inline CURL *jr_multi_next_done(CURLM *multi, CURLcode *result) {
  int left = 0;
  for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
    if (message->msg != CURLMSG_DONE) continue;
    *result = message->data.result;
    return message->easy_handle;
  }
  return NULL;
}

static inline CURLSHcode jr_share_set_data(CURLSH *share, curl_lock_data data) {
  return curl_share_setopt(share, CURLSHOPT_SHARE, data);
}
