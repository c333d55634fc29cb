/** Reads the text of a body piece by piece, and ends the body in every case. */

/**
 * The text of a body in pieces, as they are asked for. Whoever stops asking cancels the rest.
 *
 * @param signal ends the pieces when it is aborted
 * @param longest ends them after so many milliseconds
 * @throws what reading the body throws
 */
export async function * piecesOf ({ body }: Response, signal?: AbortSignal, longest?: number): AsyncGenerator<string, void> {
  if (!body) return
  const reader = body.getReader()
  const decoder = new TextDecoder()
  // cancelling a body that failed rejects with its failure, which is known by then
  const cancel = (): void => { reader.cancel().catch(() => {}) }
  const timer = longest && setTimeout(cancel, longest)
  signal?.addEventListener('abort', cancel)
  try {
    while (!signal?.aborted) {
      const { done, value } = await reader.read()
      // at the end, what is left of half a character
      yield decoder.decode(value, { stream: !done })
      if (done) return
    }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
    cancel()
  }
}
