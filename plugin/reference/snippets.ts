/** How a caller handles an answer, to paste: for a shell and for TypeScript. */
import type { ErrorCode, ErrorType } from '../../schemas/statuses.js'

/** The statuses that `curl --retry` repeats by itself; see its manual. */
const repeatedByCurl: ReadonlySet<ErrorCode> = new Set([429, 500, 503, 504])

/** For a shell that has the address in `URL`. */
export function curlFor (code: ErrorCode, retryable: boolean): string {
  if (!retryable) {
    return `
status=$(curl -sS -o answer.json -w '%{http_code}' "$URL")
if [ "$status" = ${code} ]; then
  cat answer.json >&2
fi`.trimStart()
  }
  return repeatedByCurl.has(code)
    ? `
# waits as long as retry-after says, else 1, 2, 4 … seconds
curl -sS --fail-with-body --retry 5 "$URL"`.trimStart()
    : `
# ${code} is none of those that curl repeats by itself
for pause in 1 2 4 8 16; do
  set -- $(curl -sS -o answer.json -w '%{http_code} %header{retry-after}' "$URL")
  [ "$1" = ${code} ] || break
  sleep "\${2:-$pause}"
done
cat answer.json`.trimStart()
}

/** For a module that has the `url` and the `init` of the request. */
export function typescriptFor (type: ErrorType, code: ErrorCode, retryable: boolean): string {
  if (!retryable) {
    return `
const response = await fetch(url, init)
if (response.status === ${code}) { // ${type}
  const { detail } = await response.json() as { detail: { message: string, origin: string } }
  throw new Error(\`\${detail.origin}: \${detail.message}\`)
}`.trimStart()
  }
  const isOver = [
    `response.status !== ${code}`,
    ...code === 429 ? ["response.headers.get('x-should-retry') === 'false'"] : [],
    'attempt === 5'
  ]
  return `
async function request (attempt = 0): Promise<Response> {
  const response = await fetch(url, init)
  if (${isOver.join(' || ')}) return response
  const seconds = Number(response.headers.get('retry-after') ?? 2 ** attempt)
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
  return request(attempt + 1)
}`.trimStart()
}
