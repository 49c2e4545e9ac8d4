import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastLine, tellingLine } from '../../src/probes/telling-line.ts'

test('nginx, to its log: without time and process numbers, which differ each time', () => {
  const line = (time: string, pid: number) => `2026/03/01 ${time} [emerg] ${pid}#${pid}: bind() to 0.0.0.0:80 failed`
  assert.equal(tellingLine(line('12:00:03', 4711)), '[emerg] bind() to 0.0.0.0:80 failed')
  assert.equal(tellingLine(line('12:00:08', 4712)), tellingLine(line('12:00:03', 4711)))
})

test('nginx: the line with its level, not the verdict after it', () => {
  const output = `nginx: [warn] conflicting server name "a" on 0.0.0.0:80, ignored
nginx: [emerg] unknown directive "lisen" in /etc/nginx/sites-enabled/www:3
nginx: configuration file /etc/nginx/nginx.conf test failed
`
  assert.equal(tellingLine(output), 'nginx: [emerg] unknown directive "lisen" in /etc/nginx/sites-enabled/www:3')
})

test('apache: where and what, which are two lines', () => {
  const output = `AH00526: Syntax error on line 12 of /etc/apache2/sites-enabled/000-default.conf:
Invalid command 'ServrName', perhaps misspelled or defined by a module not included in the server configuration
Action '-t' failed.
The Apache error log may have more information.
`
  assert.equal(
    tellingLine(output),
    "AH00526: Syntax error on line 12 of /etc/apache2/sites-enabled/000-default.conf: Invalid command 'ServrName', " +
      'perhaps misspelled or defined by a module not included in the server configuration',
  )
})

test('systemctl: its first sentence, not the advice', () => {
  const output = `Job for nginx.service failed because the control process exited with error code.
See "systemctl status nginx.service" and "journalctl -xeu nginx.service" for details.
`
  assert.match(tellingLine(output), /^Job for nginx\.service failed because the control process/)
  assert.equal(
    tellingLine('Failed to restart ngin.service: Unit ngin.service not found.\n'),
    'Failed to restart ngin.service: Unit ngin.service not found.',
  )
})

test('anything else: the last line that speaks of failure, or the last one', () => {
  assert.equal(tellingLine('starting\ncannot bind\nbye\n'), 'cannot bind')
  assert.equal(tellingLine('one\ntwo\n\n'), 'two')
  assert.equal(tellingLine(''), '')
  assert.equal(lastLine('one\r\ntwo\r\n \r\n'), 'two')
})

test('control characters are taken out, and endless lines are cut', () => {
  assert.equal(tellingLine('\u001b[31mfailed\u0007 here'), '[31mfailed  here')
  assert.equal(tellingLine('x'.repeat(10_000)).length, 300)
})
