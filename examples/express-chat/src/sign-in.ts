import cookieSession from 'cookie-session';
import { type RequestHandler, type Response, Router } from 'express';
import { RequestError } from './failure.ts';
import { isPassword, type Users } from './users.ts';

const WEEK_MS = 7 * 86_400_000;

/**
 * Signing in with a name and a password. Who has done so is in a signed cookie, which scripts cannot read and other
 * sites cannot send. Put your own authentication in place of this: the rest asks `userOf` only.
 */
export function signIn(users: Users, secret: string): Router {
  const router = Router();
  router.use(cookieSession({ name: 'chat', keys: [secret], httpOnly: true, sameSite: 'strict', maxAge: WEEK_MS }));

  router.post('/sign-in', async (request, response) => {
    const { name, password } = request.body ?? {};
    const isRight =
      typeof name === 'string' && typeof password === 'string' && (await isPassword(users, name, password));
    if (!isRight) throw new RequestError(401, 'UNAUTHENTICATED', 'The name or the password is wrong.');
    request.session = { user: name };
    response.json({ name });
  });

  router.post('/sign-out', (request, response) => {
    request.session = null;
    response.status(204).end();
  });

  router.use(authenticated(users));

  router.get('/me', (_request, response) => {
    response.json({ name: userOf(response) });
  });
  return router;
}

/** Whose request it is. */
export function userOf(response: Response): string {
  return response.locals.user;
}

function authenticated(users: Users): RequestHandler {
  return (request, response, next) => {
    const user = request.session?.user;
    if (!users.has(user)) throw new RequestError(401, 'UNAUTHENTICATED', 'Sign in first.');
    response.locals.user = user;
    next();
  };
}
