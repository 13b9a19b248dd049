// Preloaded into the machine of examples/, which is built for a newer Node: a WebSocket. With DIES_AT=n it
// is killed at its nth step: the moment before or after something is on the disk, or a program is started.
import childProcess from 'node:child_process'
import fs from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'
import WebSocket from 'ws'

globalThis.WebSocket ??= WebSocket
let left = Number(process.env.DIES_AT ?? Infinity)
const step = () => --left || process.kill(process.pid, 'SIGKILL')

for (const [owner, name] of [[fs, 'fsyncSync'], [childProcess, 'spawn']]) {
  const really = owner[name]
  owner[name] = (...given) => {
    step()
    const done = really(...given)
    step()
    return done
  }
}
syncBuiltinESMExports()
