import { join } from 'node:path';
import type { Sess } from '@sess/core';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { chatRoutes } from './chat-routes.ts';
import { answerFailure, RequestError } from './failure.ts';
import type { RunningTurns } from './running-turns.ts';
import { sessionRoutes } from './session-routes.ts';
import { signIn } from './sign-in.ts';
import type { Users } from './users.ts';

const page = join(import.meta.dirname, '..', 'public');

export interface AppOptions {
  readonly ai: Sess;
  readonly turns: RunningTurns;
  readonly users: Users;
  /** What cookies are signed with. */
  readonly secret: string;
}

export function createApp({ ai, turns, users, secret }: AppOptions): Express {
  const app = express();
  app.set('trust proxy', 'loopback'); // one on this machine may say that it was https, and cookies are then kept to it
  app.use(securityHeaders, refuseOtherSites);
  app.use(express.static(page));
  app.use(neverCached, express.json({ limit: '100kb' }));
  app.use(signIn(users, secret), chatRoutes(ai, turns), sessionRoutes(ai));
  app.use(() => {
    throw new RequestError(404, 'NOT_FOUND', 'There is nothing here.');
  });
  app.use(answerFailure);
  return app;
}

/** Nothing is loaded but from here, and no script runs that is written into the page. */
const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'self'"], baseUri: ["'none'"], formAction: ["'self'"], frameAncestors: ["'none'"] },
  },
});

/** Pages of other sites cannot change anything: browsers say where a request comes from. */
const refuseOtherSites: RequestHandler = ({ method, headers }, _response, next) => {
  const from = headers['sec-fetch-site'] ?? 'none';
  if (method === 'GET' || method === 'HEAD' || from === 'same-origin' || from === 'none') return next();
  throw new RequestError(403, 'FORBIDDEN', 'Requests from other sites are refused.');
};

const neverCached: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};
