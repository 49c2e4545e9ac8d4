import { closeSync, openSync } from 'node:fs'

/** This process (EMFILE) or the box (ENFILE) has no descriptor left: a state of the box that passes, and no bug. */
const LACKING: readonly unknown[] = ['EMFILE', 'ENFILE']
const ENFILE = 23
const EMFILE = 24

export const LACKS_DESCRIPTORS = 'too many open files'

/** Whether something was thrown for want of a descriptor. Of libuv's own errors Node tells the number in `info`. */
export function isForWantOfDescriptors(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false
  if ('code' in thrown && LACKING.includes(thrown.code)) return true
  const info = 'info' in thrown ? thrown.info : undefined
  if (typeof info !== 'object' || info === null || !('errno' in info)) return false
  return [ENFILE, EMFILE].includes(Math.abs(Number(info.errno)))
}

/** Whether a text for people tells of it. */
export const tellsOfDescriptors = (text: string): boolean => /\bE[MN]FILE\b/.test(text)

/** Pipes and all: what the start of one command needs, and a little more for what is under way beside it. */
const NEEDED = 12

/** Whether so few descriptors are left that what fails now tells nothing of what was looked at. */
export function lacksDescriptors(open: () => number = () => openSync('/dev/null', 'r')): boolean {
  const opened: number[] = []
  try {
    while (opened.length < NEEDED) opened.push(open())
    return false
  } catch (thrown) {
    if (!isForWantOfDescriptors(thrown)) throw thrown
    return true
  } finally {
    for (const descriptor of opened) closeSync(descriptor)
  }
}
