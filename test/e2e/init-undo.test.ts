import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { Box } from '../../src/lab/box.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { VIP } from './support/config.ts'
import { runInit } from './support/tutorial.ts'

/** `haup init` on a box with a running web server: twice, wrongly, and taken back. */

for (const server of ['nginx', 'apache'] as const) {
  test(`${server}: init twice changes nothing, a bad answer writes nothing, --undo brings every file back`, async () => {
    await using lab = await buildLab({ boxes: ['web1', 'web2'], others: ['client'], server })
    const [web1, web2] = [lab.box('web1'), lab.box('web2')]
    const client = lab.startClient(web1.host.address)
    await client.servedBy('web1', 0)
    const word = join(web1.directory, 'word')
    await writeFile(word, 'secret\n', { mode: 0o600 })
    // Somebody has set haup up before, by hand, with modes of their own.
    await writeFile(web1.configFile, 'cluster: of yesterday\n', { mode: 0o640 })
    await writeFile(join(dirname(web1.configFile), 'vrrp.pass'), 'old\n', { mode: 0o400 })
    await mkdir(web1.server.includeDirectory, { recursive: true })
    await writeFile(join(web1.server.includeDirectory, 'haup-health.conf'), '# nothing here yet\n')
    const before = await filesOf(web1)
    const main = await web1.server.pid()

    const pool = server === 'nginx' ? ['--pool', '192.168.2.2,192.168.2.3'] : []
    const flags = ['--vip', `${VIP}/24`, '--vrid', '77', '--vrrp-version', '2', '--password-from', word]
    const good = [...flags, '--health-location', 'write', ...pool]
    const asked = await runInit(web1, web2, good)
    assert.equal(asked.code, 3, 'what is there is not replaced unasked')
    assert.deepEqual(await filesOf(web1), before)

    const written = await runInit(web1, web2, [...good, '--force'])
    assert.equal(written.code, 0, written.stderr)
    const after = await filesOf(web1)
    assert.notDeepEqual(after, before)

    const again = await runInit(web1, web2, good)
    assert.deepEqual([again.code, /wrote|reloaded/.test(again.stdout)], [0, false], again.stdout)
    for (const bad of [
      ['--vrid', '0'],
      ['--vip', web1.host.address],
      ['--priority', '1,2'],
      ['--notify', 'bin/x'],
    ]) {
      const refused = await runInit(web1, web2, [...good, '--force', ...bad])
      assert.equal(refused.code, 2, `${bad.join(' ')}: ${refused.stdout}`)
    }
    assert.deepEqual(await filesOf(web1), after)

    const from = monotonicMs()
    const undone = await web1.haup('init', '--undo', '--yes', '--config', web1.configFile)
    assert.equal(undone.code, 0, undone.stderr)
    assert.deepEqual(await filesOf(web1), before)
    assert.equal(await web1.server.pid(), main)
    await client.servedBy('web1', monotonicMs())
    assert.ok((await client.viewSince(from)).outageMs < 200, 'reloaded, not restarted')
    const nothing = await web1.haup('init', '--undo', '--yes', '--config', web1.configFile)
    assert.match(nothing.stdout, /nothing to undo/)
  })
}

/** Everything on the box but what its web server writes while it runs: path, mode, content; directories too. */
async function filesOf({ directory }: Box): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter(({ name }) => !/\.(log|pid)$/.test(name))
  const found = files.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    const content = entry.isFile() ? await readFile(path, 'latin1') : ''
    return [path, `${((await stat(path)).mode & 0o7777).toString(8)} ${content}`] as const
  })
  return Object.fromEntries((await Promise.all(found)).toSorted(([a], [b]) => a.localeCompare(b)))
}
