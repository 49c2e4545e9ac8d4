import type { LinkState, WatchLinks } from './ports.ts'

export type LinkFollower = {
  /** Watches these interfaces from now on; each is reported once at once. Nothing when they are the same as before. */
  readonly follow: (interfaces: readonly string[]) => Promise<void>
  readonly close: () => void
}

/** Keeps one watch over the interfaces of the present plan. */
export function createLinkFollower(watchLinks: WatchLinks, onChange: (state: LinkState) => void): LinkFollower {
  let watched: readonly string[] = []
  let watch: { readonly close: () => void } | undefined
  let closed = false

  const close = (): void => {
    closed = true
    watch?.close()
    watch = undefined
  }

  return {
    follow: async (interfaces) => {
      if (closed || [...interfaces].sort().join() === [...watched].sort().join()) return
      const next = await watchLinks(interfaces, onChange)
      // Only now: where the next one cannot be had, the former one goes on, and a further reload tries again.
      watched = interfaces
      watch?.close()
      if (closed) next.close()
      else watch = next
    },
    close,
  }
}
