#include <microhttpd.h>
#include <string.h>
#include <strings.h>

/* Leaves percent signs as they are: the path is decoded once, by us. */
static inline size_t cmicrohttpd_keep(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  return strlen(text);
}

/* Swift cannot call variadic functions: a server on a listening socket, run by calls of MHD_run_wait.
   `memory` bounds a request's head, `silence` is in seconds. */
static inline struct MHD_Daemon *cmicrohttpd_start(
    int socket, MHD_AccessHandlerCallback answer, MHD_RequestCompletedCallback completed,
    MHD_NotifyConnectionCallback connection, void *context, size_t memory, unsigned int silence, unsigned int connections) {
  return MHD_start_daemon(
      MHD_USE_EPOLL, 0, NULL, NULL, answer, context, MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_NOTIFY_COMPLETED,
      completed, context, MHD_OPTION_NOTIFY_CONNECTION, connection, context, MHD_OPTION_UNESCAPE_CALLBACK,
      &cmicrohttpd_keep, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory, MHD_OPTION_CONNECTION_TIMEOUT, silence,
      MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_END);
}

/* The connection's socket. */
static inline int cmicrohttpd_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

/* How Swift sees the library's enumerations depends on the library's version; it is asked in C. */
static inline enum MHD_Result cmicrohttpd_no(void) { return MHD_NO; }

static inline enum MHD_Result cmicrohttpd_yes(void) { return MHD_YES; }

static inline int cmicrohttpd_run(struct MHD_Daemon *daemon, int milliseconds) {
  return MHD_run_wait(daemon, milliseconds) == MHD_YES;
}

static inline int cmicrohttpd_has_begun(enum MHD_ConnectionNotificationCode code) {
  return code == MHD_CONNECTION_NOTIFY_STARTED;
}

static inline const char *cmicrohttpd_header(struct MHD_Connection *connection, const char *name) {
  return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

struct cmicrohttpd_counted {
  const char *name;
  int count;
};

static inline enum MHD_Result cmicrohttpd_count_one(
    void *context, enum MHD_ValueKind kind, const char *name, const char *value) {
  (void)kind;
  (void)value;
  struct cmicrohttpd_counted *counted = (struct cmicrohttpd_counted *)context;
  if (name && strcasecmp(name, counted->name) == 0) counted->count++;
  return MHD_YES;
}

/* How often a request has a header. */
static inline int cmicrohttpd_header_count(struct MHD_Connection *connection, const char *name) {
  struct cmicrohttpd_counted counted = {name, 0};
  MHD_get_connection_values(connection, MHD_HEADER_KIND, &cmicrohttpd_count_one, &counted);
  return counted.count;
}

/* A response with a copy of the bytes. */
static inline struct MHD_Response *cmicrohttpd_response(const void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}
