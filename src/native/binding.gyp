{
  "targets": [
    {
      "target_name": "haup_native",
      "sources": ["addon.c", "arguments.c", "errors.c", "interface.c", "packet-socket.c", "descriptor.c", "slow-descriptor.c",
                  "unix-datagram.c", "netlink-socket.c", "arp-watch.c", "file-lock.c", "process-exit.c", "timer.c", "watch.c"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"],
      "defines": ["NAPI_VERSION=9"]
    }
  ]
}
