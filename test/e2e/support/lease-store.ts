import { startLeaseServer } from '../../engine/io/support/lease-server.ts'

/** A program of its own, run inside a namespace: an HTTP store for leases on port 8112 of the address given. */
const server = await startLeaseServer({}, { host: process.argv[2] ?? '', port: 8112 })
process.stdout.write(`${server.url}\n`)
