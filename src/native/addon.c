#include "haup_native.h"

/* Raised whenever what JavaScript sees changes; index.ts refuses an addon that was built from other sources. */
#define HAUP_NATIVE_VERSION 9

#define FUNCTION(name, callback) {name, NULL, callback, NULL, NULL, NULL, napi_enumerable, NULL}

NAPI_MODULE_INIT() {
  napi_value version;
  if (napi_create_uint32(env, HAUP_NATIVE_VERSION, &version) != napi_ok) return NULL;
  const napi_property_descriptor properties[] = {
      {"version", NULL, NULL, NULL, NULL, version, napi_enumerable, NULL},
      FUNCTION("interfaceByName", haup_interface_by_name),
      FUNCTION("nameOfInterface", haup_name_of_interface),
      FUNCTION("openPacketSocket", haup_open_packet_socket),
      FUNCTION("sendFrame", haup_send_frame),
      FUNCTION("watchArp", haup_watch_arp),
      FUNCTION("openUnixDatagramSocket", haup_open_unix_datagram_socket),
      FUNCTION("sendUnixDatagram", haup_send_unix_datagram),
      FUNCTION("closeDescriptor", haup_close_descriptor),
      FUNCTION("reserveDescriptors", haup_reserve_descriptors),
      FUNCTION("sealRawSockets", haup_seal_raw_sockets),
      FUNCTION("surviveOverflow", haup_survive_overflow),
      FUNCTION("allowNetlinkMessages", haup_allow_netlink_messages),
      FUNCTION("netlinkDrops", haup_netlink_drops),
      FUNCTION("lockFile", haup_lock_file),
      FUNCTION("openTimer", haup_open_timer),
      FUNCTION("watchExit", haup_watch_exit),
  };
  if (napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties) != napi_ok) return NULL;
  return exports;
}
