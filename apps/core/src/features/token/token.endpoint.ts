import { Authenticator, DEFAULT_OPTIONS, RefreshTokens, type IssuedToken } from '@breakwater/accounts';
import { harborTime } from '@breakwater/http';
import { ForbiddenError, UnauthenticatedError, type Actor, type ScannerActor, type UserActor } from '@breakwater/rbac';
import { Injectable } from '@nestjs/common';
import type { TokenResponse } from './token.dto.js';
import { readTokenGrant, readTokenRequest, type Parameters, type TokenGrant } from './token-request.js';
import { TokenService } from './token.service.js';

/** `service` of the challenge and audience of the tokens. */
const SERVICE = DEFAULT_OPTIONS.tokens.audience;

/** Both forms of asking for a token, answered as clients expect. */
@Injectable()
export class TokenEndpoint {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly refreshTokens: RefreshTokens,
    private readonly tokens: TokenService,
  ) {}

  /**
   * @throws UnauthenticatedError  nobody asks for nothing: this is how `docker login` finds out that it needs a password.
   * @throws InvalidTokenRequestError
   */
  async answerQuery(actor: Actor, query: Parameters): Promise<TokenResponse> {
    const { scopes } = readTokenRequest(query, SERVICE);
    if (actor.kind === 'anonymous' && scopes.join('').trim() === '') throw new UnauthenticatedError();
    if (actor.kind === 'robot' || actor.kind === 'system') throw new ForbiddenError();
    return answerOf(await this.tokens.issue(actor, scopes));
  }

  /** @throws InvalidCredentialsError, InvalidRefreshTokenError, TooManyAttemptsError, InvalidTokenRequestError */
  async answerForm(form: Parameters, address: string): Promise<TokenResponse> {
    const grant = readTokenGrant(form, SERVICE);
    const actor = await this.authenticate(grant, address);
    const answer = answerOf(await this.tokens.issue(actor, grant.scopes));
    return grant.isOffline && actor.kind === 'user'
      ? { ...answer, refresh_token: await this.refreshTokenFor(actor, grant) }
      : answer;
  }

  private authenticate(grant: TokenGrant, address: string): Promise<UserActor | ScannerActor> {
    return grant.kind === 'password'
      ? this.authenticator.byPassword(grant.username, grant.password, address)
      : this.refreshTokens.redeem(grant.refreshToken);
  }

  /** A refresh token is not renewed by its use: clients that keep one never keep its successor. */
  private async refreshTokenFor(actor: UserActor, grant: TokenGrant): Promise<string> {
    if (grant.kind === 'refresh-token') return grant.refreshToken;
    return (await this.refreshTokens.issue(actor, grant.client)).token;
  }
}

function answerOf({ token, expiresInSeconds, issuedAt }: IssuedToken): TokenResponse {
  return { token, access_token: token, expires_in: expiresInSeconds, issued_at: harborTime(issuedAt) };
}
