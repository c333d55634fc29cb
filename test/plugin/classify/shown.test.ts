/** Whose message a caller reads of a 4xx of ours: what was written for callers, not what a language, a database or a library says. */
import t from 'tap'
import { appWith, envelope, levels, meanings } from '../../support/app.js'

const unknown = (value: unknown): unknown => value

t.test('an error without a status takes the reply’s; its message is shown if it is a plain one', async t => {
  class Missing extends Error {}
  const secret = (fields: object): Error => Object.assign(new Error('secret'), fields)
  const shown = { plain: new Error('No such project.'), text: 'No such project.' }
  const withheld = {
    typeError: new TypeError("Cannot read properties of undefined (reading 'passwordHash')"),
    subclass: new Missing('secret'),
    database: secret({ code: '23505', detail: 'Key (email)=(a@b.c) already exists.' }),
    system: secret({ code: 'ENOENT', syscall: 'open', path: '/etc/secret' }),
    renamed: secret({ name: 'PrismaClientKnownRequestError' }),
    object: { message: 'secret' }
  }
  const { app } = await appWith(t, app => {
    for (const [path, thrown] of Object.entries({ ...shown, ...withheld })) {
      app.get(`/${path}`, async (_request, reply) => { reply.code(404); throw unknown(thrown) })
    }
  })
  for (const path of Object.keys(shown)) t.same((await app.inject(`/${path}`)).json(), envelope(404, 'No such project.'), path)
  for (const path of Object.keys(withheld)) t.same((await app.inject(`/${path}`)).json(), envelope(404, meanings[404]!), path)
})

t.test('a validator that fails is no violation', async t => {
  const database = Object.assign(new Error('secret'), { code: '23505' })
  const stating = Object.assign(new Error('Taken.'), { statusCode: 409, code: 'TAKEN' })
  const validators: Readonly<Record<string, (value: unknown) => unknown>> = {
    throws: () => { throw new TypeError('secret') },
    rejects: async () => { throw new TypeError('secret') },
    'rejects/database': async () => { throw database },
    returns: () => ({ error: new Error('body/name is taken') }),
    joi: () => ({
      error: Object.assign(new Error('"name" is required'), { name: 'ValidationError', details: [{ message: '"name" is required' }] })
    }),
    list: () => ({ error: [{ instancePath: '/name', message: 'is taken' }] }),
    'rejects/ajv': async () => {
      throw Object.assign(new Error('validation failed'), {
        ajv: true, validation: true, errors: [{ instancePath: '/name', message: 'is taken' }]
      })
    },
    states: () => ({ error: stating })
  }
  const { app, log } = await appWith(t, app => {
    for (const [path, validate] of Object.entries(validators)) {
      app.post(`/${path}`, { schema: { body: {} }, validatorCompiler: () => validate as () => boolean }, async () => 'ok')
    }
  })
  const post = async (path: string): Promise<unknown> => (await app.inject({ method: 'POST', url: `/${path}`, payload: {} })).json()
  for (const path of ['throws', 'rejects', 'rejects/database']) t.same(await post(path), envelope(500, meanings[500]!), path)
  t.match(log.lines, [{ level: levels.error }, { level: levels.error }, { level: levels.error }])
  t.same(await post('returns'), envelope(422, 'body/name is taken'))
  t.same(await post('joi'), envelope(422, '"name" is required'))
  t.same(await post('list'), envelope(422, 'body/name is taken'))
  t.same(await post('rejects/ajv'), envelope(422, 'body/name is taken'))
  t.same(await post('states'), envelope(422, 'Taken.'))
})

t.test('a parser or a serializer that fails is a 500', async t => {
  const { app } = await appWith(t, app => {
    app.addContentTypeParser('text/odd', { parseAs: 'string' }, () => { throw new TypeError('secret') })
    app.addContentTypeParser('text/late', async () => { throw new TypeError('secret') })
    app.post('/', async () => 'ok')
    app.get('/', { serializerCompiler: () => () => { throw new TypeError('secret') }, schema: { response: { 200: {} } } }, async () => ({}))
  })
  for (const type of ['text/odd', 'text/late']) {
    const response = await app.inject({ method: 'POST', url: '/', headers: { 'content-type': type }, payload: 'x' })
    t.same(response.json(), envelope(500, meanings[500]!), type)
  }
  t.same((await app.inject('/')).json(), envelope(500, meanings[500]!))
})
