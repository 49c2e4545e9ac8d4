import * as z from 'zod'
import { fromMillis, fromSeconds } from '../shared/units.ts'
import { readDuration } from './read.ts'
import { readArgv, readUser } from './read-text.ts'
import { argvForm, durationForm, scalar } from './scalar.ts'

/** `notify:`, of one instance or of all: commands that are told of changes of state. */

const command = (when: string) => scalar(argvForm(`Run when ${when}; never given to a shell`), readArgv).optional()

export const NOTIFY_KINDS = ['master', 'backup', 'fault', 'stop', 'redundancy_lost', 'redundancy_back', 'any'] as const

export const notifySchema = z
  .strictObject({
    master: command('the instance becomes MASTER, after its addresses are bound'),
    backup: command('the instance becomes BACKUP'),
    fault: command('the instance is in FAULT'),
    stop: command('the engine stops, after the addresses are released'),
    redundancy_lost: command('this node is MASTER and no other one could take over'),
    redundancy_back: command('another node could take over again, or this one is MASTER no more'),
    any: command(
      "the state changes or the engine stops; keepalived's arguments are appended: INSTANCE, name, state, priority",
    ),
    timeout: scalar(
      durationForm('How long a command may run before it is killed'),
      readDuration(fromMillis(100), fromSeconds(300)),
    ).prefault('10s'),
    user: scalar(
      { type: 'string', description: 'User to run as; the engine itself runs as root' },
      readUser,
    ).optional(),
  })
  .superRefine((notify, context) => {
    if (NOTIFY_KINDS.some((kind) => notify[kind] !== undefined)) return
    const message = `needs a command: one or more of ${NOTIFY_KINDS.join(', ')}`
    context.addIssue({ code: 'custom', message, params: { remedy: 'add one, or remove notify' }, input: notify })
  })
  .describe('Commands to run when the state changes: one at a time, in order')
