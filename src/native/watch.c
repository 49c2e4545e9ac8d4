#include "haup_native.h"

#include <errno.h>
#include <stdlib.h>

/* A descriptor that the event loop watches for a JavaScript callback, for as long as that may be wanted. */

static void release(struct haup_watch *watch) {
  if (--watch->owners == 0) free(watch);
}

static void on_closed(uv_handle_t *handle) {
  struct haup_watch *watch = handle->data;
  napi_handle_scope scope;
  haup_close(watch->fd);
  if (napi_open_handle_scope(watch->env, &scope) == napi_ok) {
    napi_delete_reference(watch->env, watch->callback);
    napi_async_destroy(watch->env, watch->context);
    napi_close_handle_scope(watch->env, scope);
  }
  if (watch->teardown != NULL) napi_remove_async_cleanup_hook(watch->teardown);
  release(watch);
}

void haup_watch_end(struct haup_watch *watch) {
  if (watch->closing) return;
  watch->closing = true;
  uv_poll_stop(&watch->poll);
  uv_close((uv_handle_t *)&watch->poll, on_closed);
}

static void on_teardown(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  haup_watch_end(data);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
  struct haup_watch *watch = poll->data;
  (void)status;
  (void)events;
  if (!watch->closing) watch->on_readable(watch);
}

static bool prepare(struct haup_watch *watch, napi_env env, const char *name, napi_value callback) {
  napi_value resource_name;
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok ||
      napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &resource_name) != napi_ok ||
      napi_create_reference(env, callback, 1, &watch->callback) != napi_ok) {
    return false;
  }
  if (napi_async_init(env, NULL, resource_name, &watch->context) == napi_ok) {
    if (uv_poll_init(loop, &watch->poll, watch->fd) == 0) return true;
    napi_async_destroy(env, watch->context);
  }
  napi_delete_reference(env, watch->callback);
  return false;
}

struct haup_watch *haup_watch_start(napi_env env, const char *name, napi_value callback, int fd,
                                    void (*on_readable)(struct haup_watch *watch)) {
  struct haup_watch *watch = calloc(1, sizeof *watch);
  if (watch != NULL) {
    watch->fd = fd;
    watch->env = env;
    watch->on_readable = on_readable;
    watch->poll.data = watch;
  }
  if (watch == NULL || !prepare(watch, env, name, callback)) {
    free(watch);
    haup_close(fd);
    haup_throw_errno(env, ENOMEM, "uv_poll_init");
    return NULL;
  }
  /* From here on only closing ends it. */
  watch->owners = 1;
  napi_add_async_cleanup_hook(env, on_teardown, watch, &watch->teardown);
  uv_poll_start(&watch->poll, UV_READABLE, on_ready);
  return watch;
}

static void on_collected(napi_env env, void *data, void *hint) {
  struct haup_watch *watch = data;
  (void)env;
  (void)hint;
  if (watch->on_forgotten != NULL) watch->on_forgotten(watch);
  release(watch);
}

napi_value haup_watch_function(struct haup_watch *watch, napi_callback function) {
  napi_value result;
  if (napi_create_function(watch->env, NULL, 0, function, watch, &result) != napi_ok) {
    haup_watch_end(watch);
    return NULL;
  }
  watch->owners++;
  if (napi_add_finalizer(watch->env, result, watch, on_collected, NULL, NULL) != napi_ok) {
    haup_watch_end(watch);
    return NULL;
  }
  return result;
}

static napi_value close_watch(napi_env env, napi_callback_info info) {
  void *data;
  napi_value result;
  size_t count = 0;
  if (napi_get_cb_info(env, info, &count, NULL, NULL, &data) != napi_ok) return NULL;
  haup_watch_end(data);
  return napi_get_undefined(env, &result) == napi_ok ? result : NULL;
}

napi_value haup_watch_closer(struct haup_watch *watch) { return haup_watch_function(watch, close_watch); }

void haup_watch_call(struct haup_watch *watch, size_t count,
                     bool (*fill)(napi_env env, const void *data, napi_value *arguments), const void *data) {
  napi_env env = watch->env;
  napi_handle_scope scope;
  napi_value receiver, callback, thrown, arguments[HAUP_WATCH_ARGUMENTS];
  bool pending = false;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (napi_get_global(env, &receiver) == napi_ok &&
      napi_get_reference_value(env, watch->callback, &callback) == napi_ok &&
      (fill == NULL || fill(env, data, arguments))) {
    napi_make_callback(env, watch->context, receiver, callback, count, arguments, NULL);
  }
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
      napi_get_and_clear_last_exception(env, &thrown) == napi_ok) {
    napi_fatal_exception(env, thrown);
  }
  napi_close_handle_scope(env, scope);
}
