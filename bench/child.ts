/** Child processes of the benchmark: started without tsx, ended with their parent, their messages awaited. */
import { fork, type ChildProcess } from 'node:child_process'
import { basename } from 'node:path'

/**
 * @param file its JavaScript, see `compile`
 * @param execArgv options of Node
 */
export function start (file: string, args: readonly string[], execArgv: readonly string[] = []): ChildProcess {
  // production: what error plugins and loggers do more in development is not measured
  return fork(file, args, { execArgv: [...execArgv], env: { ...process.env, NODE_ENV: 'production' } })
}

/**
 * The next message of a child.
 *
 * @throws Error when it ends without one
 */
export async function messageOf<T> (child: ChildProcess): Promise<T> {
  return await new Promise((resolve, reject) => {
    const ended = (code: number | null): void => {
      reject(new Error(`${basename(child.spawnargs[1] ?? '')} ${child.spawnargs.slice(2).join(' ')} ended with ${code}`))
    }
    child.once('exit', ended)
    child.once('message', message => {
      child.off('exit', ended)
      resolve(message as T)
    })
  })
}
