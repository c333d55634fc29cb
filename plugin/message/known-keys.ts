/** Keys that are known by how they begin: the providers' rows say theirs; here are those of other services. */
import { keyPrefixes } from '../providers/index.js'
import { ellipsis, mask } from './characters.js'
import { lookAhead, type Scan } from './scan.js'
import { kindsOf } from './secret-values.js'

/** Services that an app in front of model providers is likely to use. */
const otherPrefixes = [
  'AKIA*', 'ASIA*', // AWS
  'ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_', 'glpat-', 'gldt-', 'glrt-', 'glptt-', 'gloas-', 'ATATT', 'ATBB*',
  'xoxb-', 'xoxp-', 'xoxa-', 'xoxs-', 'xoxr-', 'xoxe-', 'xoxe.', 'xapp-', // Slack
  'sk_live_', 'sk_test_', 'pk_live_', 'pk_test_', 'rk_live_', 'rk_test_', 'whsec_', 'sq0atp-', 'sq0csp-', 'EAAA*', // payments
  'npm_*', 'pypi-*', 'rubygems_*', 'dckr_pat_', 'dop_v1_', 'doo_v1_', 'dor_v1_', // registries and hosts
  'SG.*', 'key-*', 'shpat_', 'shpss_', 'shpca_', 'lin_api_', 'ntn_*', 'secret_*', 'figd_', 'PMAK-', 'rdme_', // mail, shops, tools
  'hvs.', 'hvb.', 'dp.st.', 'dp.pt.', 'tfp_*', 'tskey-', 'AGE-SECRET-KEY-', 'ops_*', // vaults
  'GOCSPX-', '1//0*', 'phc_*', 'phx_*', 'lsv2_pt_', 'lsv2_sk_', 'sk-lf-', 'pk-lf-', 'tvly-', 'pcsk_', 'sntrys_', 'sntryu_',
  'glsa_', 'NRAK-', 'PRIVATE-TOKEN-',
  'pk-*', 'rk-*', 'sbp_*', 'sb_secret_', 'eyJ', 'EAAC*', 'ATTA*', 'dt0c01.', 'nfp_*', 'vcp_*', 'fo1_*', 'FlyV1_*'
]

interface Prefix {
  readonly text: string
  /** True if words, names of models and of variables begin so as well: what follows has to look like a key. */
  readonly isAmbiguous: boolean
}

/** Prefixes by their first two characters, the longest first. */
export type KeyTable = ReadonlyArray<readonly Prefix[] | undefined>

function firstOf (text: string, at: number): number {
  return (text.charCodeAt(at) & 0x7f) << 7 | (text.charCodeAt(at + 1) & 0x7f)
}

/** @param prefixes with a `*` behind those that words begin with as well */
export function keyTable (prefixes: readonly string[]): KeyTable {
  const byFirst = new Array<Prefix[] | undefined>(0x4000).fill(undefined)
  for (const prefix of prefixes) {
    const isAmbiguous = prefix.endsWith('*')
    const text = isAmbiguous ? prefix.slice(0, -1) : prefix
    const first = firstOf(text, 0)
    byFirst[first] = [...byFirst[first] ?? [], { text, isAmbiguous }].sort((a, b) => b.text.length - a.text.length)
  }
  return byFirst
}

/** Keys that are known in every app. */
const builtIn = keyTable([...keyPrefixes(), ...otherPrefixes])

/** True if a known key may begin at a place. */
export function beginsKnown (text: string, at: number, keys = builtIn): boolean {
  return keys[firstOf(text, at)] !== undefined
}

/** Finds a known key that begins at a place: where it ends, or undefined. */
export function knownKey (scan: Scan, at: number, keys = builtIn): number | undefined {
  const prefixes = keys[firstOf(scan.text, at)]
  if (prefixes === undefined) return undefined
  for (const { text, isAmbiguous } of prefixes) {
    scan.steps++
    if (!scan.text.startsWith(text, at)) continue
    const begins = at + text.length
    if (isAmbiguous) return scan.hasKeyChunk(begins) ? scan.take(at, scan.endOfToken(begins)) : undefined
    const tail = scan.text.slice(begins, scan.endOfToken(begins, lookAhead))
    if (couldBeKey(tail)) return scan.take(at, scan.endOfToken(begins))
    // a line that breaks right behind the prefix
    return scan.takeBroken(at, begins + tail.length)
  }
  return undefined
}

/** The longest prefix that is only named, behind the part that all keys of the provider begin with (`api03-`, `proj-`). */
const longestNamed = 12

/** True for six characters or more, or some and a mask; a prefix that is only named (`sk-ant-…`, `sk-proj-`) has none. */
function couldBeKey (tail: string): boolean {
  if ((kindsOf(tail) & (mask | ellipsis)) !== 0) {
    return /[A-Za-z0-9]{2}/.test(tail.replace(/^(?:[a-z]{1,8}[-_]){1,4}/, '')) || /[*•●]{3}/.test(tail)
  }
  return tail.length > longestNamed || (tail.length >= 6 && !/[-_]$/.test(tail))
}
