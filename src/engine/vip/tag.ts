import type { KernelAddress } from '../io/rtnetlink.ts'

/**
 * PURE: how haup marks the addresses it makes, so that it never takes away another's.
 *
 * The mark is the address protocol (IFA_PROTO) 72, 'H', which newer versions of `ip address show` print. Linux before 5.18
 * does not keep a protocol; there the label `<interface>:haup` is the mark and takes the place of a configured label.
 */
export const HAUP_PROTOCOL = 72

export type Tagging = 'protocol' | 'label'

/** The interface's name is cut where the kernel's 15 bytes for a label would not hold both. */
export const tagLabel = (interfaceName: string): string => `${interfaceName.slice(0, 10)}:haup`

export const isOurs = (address: Pick<KernelAddress, 'protocol' | 'label'>, interfaceName: string): boolean =>
  address.protocol === HAUP_PROTOCOL || address.label === tagLabel(interfaceName)
