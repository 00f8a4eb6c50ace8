import { beforeEach, describe, expect, it } from '@jest/globals';
import { holdsWithin } from '@breakwater/testing';
import { exchange } from '../data-plane/http.js';
import { parseChallenge } from '../data-plane/challenge.js';
import { basic, expectStatus, ROLE, type Credentials } from '../system/api.js';
import type { TwoReplicas } from './two-replicas.js';

/** What took a right away has to be known everywhere after so long. */
const WITHIN_MS = 3_000;

/** Rights that end: both replicas know it soon, whatever they have in memory and whatever a token says. */
export function describeRevocation(replicas: TwoReplicas): void {
  describe('rights that end', () => {
    let project: string;
    let user: Credentials;
    let token: string;

    beforeEach(async () => {
      const { api } = replicas;
      project = await api.project();
      user = await api.member(project, 'developer');
      await push(replicas, project, user);
      token = await tokenFor(replicas, project, user);
      for (const authorization of [basic(user), `Bearer ${token}`])
        expect(await statuses(replicas, project, authorization)).toEqual([200, 200]);
    });

    const expectRefused = async (...authorizations: readonly string[]): Promise<void> => {
      for (const authorization of authorizations)
        await holdsWithin(WITHIN_MS, async () => {
          const heard = await statuses(replicas, project, authorization);
          return heard.every((status) => [401, 403, 404].includes(status));
        });
    };

    it('a deleted user', async () => {
      const { api } = replicas;
      expectStatus(await api.call('DELETE', `/users/${await userId(replicas, user)}`), 200);
      await expectRefused(basic(user), `Bearer ${token}`);
    });

    it('a changed password', async () => {
      const changed = { ...user, password: `${user.password}New` };
      const body = { old_password: user.password, new_password: changed.password };
      const path = `/users/${await userId(replicas, user)}/password`;
      expectStatus(await replicas.api.call('PUT', path, { as: user, body }), 200);
      await expectRefused(basic(user), `Bearer ${token}`);
      expect(await statuses(replicas, project, basic(changed))).toEqual([200, 200]);
    });

    it('a member who is one no more', async () => {
      const { api } = replicas;
      const members = await api.call('GET', `/projects/${project}/members?entityname=${user.username}`);
      const [member] = members.json as { id: number }[];
      expectStatus(await api.call('DELETE', `/projects/${project}/members/${member?.id}`), 200);
      await expectRefused(basic(user), `Bearer ${token}`);
    });

    it('a deleted project, also when there is a new one of its name', async () => {
      const { api } = replicas;
      expectStatus(await api.call('DELETE', `/projects/${project}/repositories/app`), 200);
      expectStatus(await api.call('DELETE', `/projects/${project}`), 200);
      await expectRefused(basic(user), `Bearer ${token}`);
      expectStatus(await api.call('POST', '/projects', { body: { project_name: project } }), 201);
      await push(replicas, project, api.admin);
      await expectRefused(basic(user), `Bearer ${token}`);
      const again = { role_id: ROLE.guest, member_user: { username: user.username } };
      expectStatus(await api.call('POST', `/projects/${project}/members`, { body: again }), 201);
      // A new right does not wake the old token, which allowed more.
      expect(await statuses(replicas, project, basic(user))).toEqual([200, 200]);
      for (const url of replicas.urls)
        expect(await upload(url, project, `Bearer ${token}`)).toMatchObject({ status: 401 });
    });
  });
}

async function statuses(replicas: TwoReplicas, project: string, authorization: string): Promise<number[]> {
  const heads = replicas.urls.map((url) =>
    exchange('HEAD', new URL(`/v2/${project}/app/manifests/1`, url), { headers: { authorization } }),
  );
  return (await Promise.all(heads)).map(({ status }) => status);
}

function upload(url: string, project: string, authorization: string): ReturnType<typeof exchange> {
  return exchange('POST', new URL(`/v2/${project}/app/blobs/uploads/`, url), { headers: { authorization } });
}

async function push(replicas: TwoReplicas, project: string, who: Credentials): Promise<void> {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: [] }));
  const headers = { authorization: basic(who), 'content-type': mediaType };
  const pushed = await exchange('PUT', new URL(`/v2/${project}/app/manifests/1`, replicas.api.url), { body, headers });
  expect(pushed.status).toBe(201);
}

async function tokenFor(replicas: TwoReplicas, project: string, who: Credentials): Promise<string> {
  const challenged = await exchange('POST', new URL(`/v2/${project}/app/blobs/uploads/`, replicas.api.url), {});
  const { realm, service, scope } = parseChallenge(challenged.headers['www-authenticate']);
  const url = new URL(realm);
  url.search = new URLSearchParams({ service, scope }).toString();
  const answer = await exchange('GET', url, { headers: { authorization: basic(who) } });
  expect(answer.status).toBe(200);
  return answer.json<{ token: string }>().token;
}

async function userId(replicas: TwoReplicas, { username }: Credentials): Promise<number> {
  const found = await replicas.api.call('GET', `/users/search?username=${username}`);
  const [user] = found.json as { user_id: number }[];
  return user?.user_id ?? 0;
}
