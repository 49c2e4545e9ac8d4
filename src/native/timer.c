#include "haup_native.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

/*
 * A timer of microseconds (timerfd_create(2), CLOCK_MONOTONIC), where libuv has whole milliseconds counted from the start
 * of the loop's turn. It keeps the process alive while it is armed.
 */

static bool is_armed(const struct haup_watch *watch) { return uv_has_ref((const uv_handle_t *)&watch->poll) != 0; }

static void on_fired(struct haup_watch *watch) {
  uint64_t expirations;
  /* Armed anew since it fired: EAGAIN. */
  if (read(watch->fd, &expirations, sizeof expirations) != (ssize_t)sizeof expirations) return;
  uv_unref((uv_handle_t *)&watch->poll);
  haup_watch_call(watch, 0, NULL, NULL);
  if (watch->forgotten && !is_armed(watch)) haup_watch_end(watch);
}

/* Nobody can arm it any more. */
static void on_forgotten(struct haup_watch *watch) {
  watch->forgotten = true;
  if (!watch->closing && !is_armed(watch)) haup_watch_end(watch);
}

/* arm(deadline): in microseconds; 0 disarms. */
static napi_value arm(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  int64_t deadline;
  void *data;
  if (!haup_arguments(env, info, 1, &argument)) return NULL;
  if (!haup_int(env, argument, "deadline", 0, HAUP_MAX_SAFE_INTEGER, &deadline)) return NULL;
  if (napi_get_cb_info(env, info, NULL, NULL, NULL, &data) != napi_ok) return NULL;
  struct haup_watch *watch = data;
  const struct itimerspec when = {.it_value = {.tv_sec = deadline / 1000000, .tv_nsec = deadline % 1000000 * 1000}};
  if (watch->closing) return haup_throw_errno(env, EBADF, "timerfd_settime");
  if (timerfd_settime(watch->fd, TFD_TIMER_ABSTIME, &when, NULL) != 0) {
    return haup_throw_errno(env, errno, "timerfd_settime");
  }
  if (deadline == 0) uv_unref((uv_handle_t *)&watch->poll);
  else uv_ref((uv_handle_t *)&watch->poll);
  return napi_get_undefined(env, &result) == napi_ok ? result : NULL;
}

/* openTimer(onFire). Returns the function that arms it. */
napi_value haup_open_timer(napi_env env, napi_callback_info info) {
  napi_value callback;
  if (!haup_arguments(env, info, 1, &callback)) return NULL;
  if (!haup_function(env, callback, "onFire")) return NULL;
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (fd < 0) return haup_throw_errno(env, errno, "timerfd_create");
  struct haup_watch *watch = haup_watch_start(env, "HAUP_TIMER", callback, fd, on_fired);
  if (watch == NULL) return NULL;
  watch->on_forgotten = on_forgotten;
  uv_unref((uv_handle_t *)&watch->poll);
  return haup_watch_function(watch, arm);
}
