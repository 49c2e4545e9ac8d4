#include "haup_native.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/*
 * A pidfd becomes readable when its process has ended (pidfd_open(2), Linux 5.3), whoever its parent is, and it never
 * means another process, also when the number is given away again.
 */

/* Alive as long as JavaScript can reach its close function, or libuv its handle. */
struct watch {
  uv_poll_t poll;
  int fd;
  int owners;
  bool closing;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle teardown;
};

static void release(struct watch *watch) {
  if (--watch->owners == 0) free(watch);
}

static void on_closed(uv_handle_t *handle) {
  struct watch *watch = handle->data;
  napi_handle_scope scope;
  close(watch->fd);
  if (napi_open_handle_scope(watch->env, &scope) == napi_ok) {
    napi_delete_reference(watch->env, watch->callback);
    napi_async_destroy(watch->env, watch->context);
    napi_close_handle_scope(watch->env, scope);
  }
  if (watch->teardown != NULL) napi_remove_async_cleanup_hook(watch->teardown);
  release(watch);
}

static void begin_close(struct watch *watch) {
  if (watch->closing) return;
  watch->closing = true;
  uv_poll_stop(&watch->poll);
  uv_close((uv_handle_t *)&watch->poll, on_closed);
}

static void on_teardown(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  begin_close(data);
}

static void on_collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  release(data);
}

/* Once: a process ends once. What the callback throws becomes an uncaught exception. */
static void on_exit_seen(uv_poll_t *poll, int status, int events) {
  struct watch *watch = poll->data;
  napi_env env = watch->env;
  napi_handle_scope scope;
  napi_value receiver, callback, thrown;
  bool pending = false;
  (void)status;
  (void)events;
  if (watch->closing) return;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (napi_get_global(env, &receiver) == napi_ok &&
      napi_get_reference_value(env, watch->callback, &callback) == napi_ok) {
    begin_close(watch);
    napi_make_callback(env, watch->context, receiver, callback, 0, NULL, NULL);
  }
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
      napi_get_and_clear_last_exception(env, &thrown) == napi_ok) {
    napi_fatal_exception(env, thrown);
  }
  napi_close_handle_scope(env, scope);
}

static napi_value close_watch(napi_env env, napi_callback_info info) {
  void *data;
  napi_value result;
  size_t count = 0;
  if (napi_get_cb_info(env, info, &count, NULL, NULL, &data) != napi_ok) return NULL;
  begin_close(data);
  return napi_get_undefined(env, &result) == napi_ok ? result : NULL;
}

static struct watch *start(napi_env env, napi_value callback, int fd) {
  napi_value name;
  uv_loop_t *loop;
  struct watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) return NULL;
  watch->fd = fd;
  watch->env = env;
  watch->poll.data = watch;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok ||
      napi_create_string_utf8(env, "HAUP_PROCESS", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_reference(env, callback, 1, &watch->callback) != napi_ok) {
    free(watch);
    return NULL;
  }
  if (napi_async_init(env, NULL, name, &watch->context) != napi_ok) {
    napi_delete_reference(env, watch->callback);
    free(watch);
    return NULL;
  }
  if (uv_poll_init(loop, &watch->poll, fd) != 0) {
    napi_async_destroy(env, watch->context);
    napi_delete_reference(env, watch->callback);
    free(watch);
    return NULL;
  }
  /* From here on only closing ends it. */
  watch->owners = 1;
  napi_add_async_cleanup_hook(env, on_teardown, watch, &watch->teardown);
  uv_poll_start(&watch->poll, UV_READABLE, on_exit_seen);
  return watch;
}

/* watchExit(pid, onExit). Returns the function that ends it. */
napi_value haup_watch_exit(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  napi_valuetype type;
  int64_t pid;
  if (!haup_arguments(env, info, 2, arguments)) return NULL;
  if (!haup_int(env, arguments[0], "pid", 1, INT32_MAX, &pid)) return NULL;
  if (napi_typeof(env, arguments[1], &type) != napi_ok || type != napi_function) {
    return haup_throw_argument(env, "onExit must be a function");
  }
  /* Close-on-exec by itself. */
  int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
  if (fd < 0) return haup_throw_errno(env, errno, "pidfd_open");
  struct watch *watch = start(env, arguments[1], fd);
  if (watch == NULL) {
    close(fd);
    return haup_throw_errno(env, ENOMEM, "uv_poll_init");
  }
  if (napi_create_function(env, "close", NAPI_AUTO_LENGTH, close_watch, watch, &result) != napi_ok) {
    begin_close(watch);
    return NULL;
  }
  watch->owners++;
  if (napi_add_finalizer(env, result, watch, on_collected, NULL, NULL) != napi_ok) {
    begin_close(watch);
    return NULL;
  }
  return result;
}
