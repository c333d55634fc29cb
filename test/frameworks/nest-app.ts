/** A NestJS app, of whichever version. tsx emits no metadata of decorators, so they are applied as the functions that they are. */
import 'reflect-metadata'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as common from '@nestjs/common'
import type * as core from '@nestjs/core'
import type * as platform from '@nestjs/platform-fastify'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import { root } from '../support/examples.js'
import { rateLimited } from './rate-limited.js'

export type Nest = Pick<typeof common,
  'BadRequestException' | 'Body' | 'Catch' | 'Controller' | 'Get' | 'HttpException' | 'Module' | 'NotFoundException' | 'Post'> &
  Pick<typeof core, 'NestFactory'> & Pick<typeof platform, 'FastifyAdapter'>

/** Of the packages that a folder has. (`require`, since tap's loader does not know how the packages of Nest 12 are laid out.) */
function nestOf (folder: string): Nest {
  const require = createRequire(join(root, folder, 'package.json'))
  return { ...require('@nestjs/common'), ...require('@nestjs/core'), ...require('@nestjs/platform-fastify') }
}

export const versions: Readonly<Record<number, Nest>> = { 11: nestOf('test/apps/nestjs-11'), 12: nestOf('') }

/** What each path throws, by its name. */
const thrown = ({ BadRequestException, HttpException, NotFoundException }: Nest): Readonly<Record<string, () => unknown>> => ({
  missing: () => new NotFoundException('There is no project 7.'),
  sold: () => new HttpException({ problem: 'sold', message: 'The house is sold.' }, 410),
  invalid: () => new BadRequestException(['name must be a string', 'age must not be less than 0']),
  unavailable: () => new HttpException('Replica db-3 is down.', 503),
  bug: () => new TypeError("Cannot read properties of undefined (reading 'passwordHash')"),
  limited: rateLimited
})

/** A module whose controller throws, and takes a body. Its middleware throws on `/middleware`. */
export function moduleOf (nest: Nest): new () => object {
  class Controller {
    echo (body: unknown): unknown { return body }
  }
  const { prototype } = Controller
  const decorate = (name: string, decorator: MethodDecorator): void => {
    decorator(prototype, name, Object.getOwnPropertyDescriptor(prototype, name)!)
  }
  for (const [name, error] of Object.entries(thrown(nest))) {
    Object.defineProperty(prototype, name, { value: async () => { throw error() } })
    decorate(name, nest.Get(name))
  }
  decorate('echo', nest.Post('echo'))
  nest.Body()(prototype, 'echo', 0)
  nest.Controller()(Controller)

  class AppModule {
    configure (consumer: common.MiddlewareConsumer): void {
      consumer.apply(() => { throw new nest.NotFoundException('Not in the middleware.') }).forRoutes('middleware')
    }
  }
  nest.Module({ controllers: [Controller] })(AppModule)
  return AppModule
}

/** What the guide imports, and what it takes for granted. */
export const { NestFactory, FastifyAdapter } = versions[12]!
export type { NestFastifyApplication } from '@nestjs/platform-fastify'
export const AppModule = moduleOf(versions[12]!)

/** @param prepare what the app's `main.ts` does before it listens */
export async function nestApp (
  nest: Nest, prepare: (app: platform.NestFastifyApplication) => unknown, options: FastifyServerOptions = {}
): Promise<FastifyInstance> {
  const app = await nest.NestFactory.create<platform.NestFastifyApplication>(
    moduleOf(nest), new nest.FastifyAdapter(options as object), { logger: false, abortOnError: false })
  await prepare(app)
  await app.init()
  return app.getHttpAdapter().getInstance() as unknown as FastifyInstance
}
