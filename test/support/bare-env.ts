/**
 * The environment of a child that compiles the sources in another way than tap does: its coverage, of other lines under the same
 * names, would be added to ours.
 */
const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...bareEnv } = process.env

export { bareEnv }
