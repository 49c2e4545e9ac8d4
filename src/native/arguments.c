#include "haup_native.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

static bool refuse(napi_env env, const char *name, const char *want) {
  char message[160];
  snprintf(message, sizeof message, "%s must be %s", name, want);
  haup_throw_argument(env, message);
  return false;
}

bool haup_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  size_t given = count;
  if (napi_get_cb_info(env, info, &given, values, NULL, NULL) != napi_ok || given != count) {
    char message[64];
    snprintf(message, sizeof message, "takes %zu arguments, got %zu", count, given);
    haup_throw_argument(env, message);
    return false;
  }
  return true;
}

bool haup_int(napi_env env, napi_value value, const char *name, int64_t low, int64_t high, int64_t *result) {
  char want[96];
  double number;
  snprintf(want, sizeof want, "a whole number from %lld to %lld", (long long)low, (long long)high);
  /* Compared as double first: NaN and infinities fail, and the conversion below is then exact. */
  if (napi_get_value_double(env, value, &number) != napi_ok || !(number >= (double)low && number <= (double)high) ||
      number != (double)(int64_t)number) {
    return refuse(env, name, want);
  }
  *result = (int64_t)number;
  return true;
}

bool haup_bytes(napi_env env, napi_value value, const char *name, size_t low, size_t high, void **data,
                size_t *length) {
  char want[96];
  napi_typedarray_type type;
  bool is_array = false;
  snprintf(want, sizeof want, "a Uint8Array of %zu to %zu bytes", low, high);
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array) return refuse(env, name, want);
  if (napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) != napi_ok || type != napi_uint8_array ||
      *length < low || *length > high) {
    return refuse(env, name, want);
  }
  return true;
}

bool haup_function(napi_env env, napi_value value, const char *name) {
  napi_valuetype type;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_function) return refuse(env, name, "a function");
  return true;
}

/* `name` has room for IFNAMSIZ bytes and ends in NUL. */
bool haup_interface_name(napi_env env, napi_value value, char *name) {
  static const char *const want = "an interface name of 1 to 15 bytes";
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok || length < 1 || length >= IFNAMSIZ) {
    return refuse(env, "interface", want);
  }
  if (napi_get_value_string_utf8(env, value, name, IFNAMSIZ, &length) != napi_ok || strlen(name) != length) {
    return refuse(env, "interface", want);
  }
  return true;
}
