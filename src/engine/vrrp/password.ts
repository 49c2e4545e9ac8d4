/** VRRPv2's authentication data is always this long (RFC 2338 5.3.10). */
export const PASSWORD_LENGTH = 8

/** The text as UTF-8, cut to 8 bytes and padded with zero bytes, as keepalived sends it. */
export function passwordBytes(text: string): Uint8Array {
  const password = new Uint8Array(PASSWORD_LENGTH)
  password.set(new TextEncoder().encode(text).subarray(0, PASSWORD_LENGTH))
  return password
}

/** Compares in a time that does not depend on where the first difference is. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0)
  return difference === 0
}
