#include "haup_native.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

/* Error with `code` = errno name, `syscall` = the call that failed, `errno` negative as in Node's own errors. */
napi_value haup_throw_errno(napi_env env, int errnum, const char *syscall) {
  char name[64], reason[128], message[256];
  napi_value code, text, error, value;
  uv_err_name_r(-errnum, name, sizeof name);
  uv_strerror_r(-errnum, reason, sizeof reason);
  snprintf(message, sizeof message, "%s: %s, %s", name, reason, syscall);
  if (napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &code) != napi_ok) return NULL;
  if (napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text) != napi_ok) return NULL;
  if (napi_create_error(env, code, text, &error) != napi_ok) return NULL;
  if (napi_create_string_utf8(env, syscall, NAPI_AUTO_LENGTH, &value) != napi_ok) return NULL;
  if (napi_set_named_property(env, error, "syscall", value) != napi_ok) return NULL;
  if (napi_create_int32(env, -errnum, &value) != napi_ok) return NULL;
  if (napi_set_named_property(env, error, "errno", value) != napi_ok) return NULL;
  napi_throw(env, error);
  return NULL;
}

napi_value haup_throw_argument(napi_env env, const char *message) {
  napi_throw_type_error(env, "ERR_INVALID_ARG", message);
  return NULL;
}
