import { ProjectChanged, ScanPolicyChanged } from '@breakwater/contracts';
import { MessageBus } from '@breakwater/messaging';
import { SILENT } from '@breakwater/observability';
import { describeWithNats, testNats } from '@breakwater/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { listenToNews, newsOver } from './notices.js';
import { createTestCore, type TestCore } from './testing/test-core.js';

describeWithNats('news between processes', () => {
  let core: TestCore;
  let [ours, theirs]: MessageBus[] = [];
  beforeAll(async () => {
    core = await createTestCore();
    const { url } = await testNats();
    [ours, theirs] = ['one', 'two'].map((name) => MessageBus.connect({ url, name, logger: SILENT }));
    await Promise.all([ours, theirs].map((bus) => new Promise<void>((resolve) => bus?.onUp(resolve))));
  });
  afterAll(async () => {
    await Promise.all([ours?.close(), theirs?.close()]);
    await core.close();
  });

  it('end what another process remembers', async () => {
    const { services } = core;
    const heard: string[] = [];
    const accounts = { ...services.accounts, onNotice: recorder(heard) };
    listenToNews(theirs as MessageBus, accounts);
    (theirs as MessageBus).onNotice(ProjectChanged, ({ name }) => heard.push(`project ${name}`));
    (theirs as MessageBus).onNotice(ScanPolicyChanged, ({ projectId }) =>
      heard.push(`scan policy ${projectId ?? 'all'}`),
    );
    await theirs?.ping();
    const news = newsOver(ours as MessageBus);
    news.projectsChanged(['team', 'other']);
    news.accountsChanged([7]);
    news.membersChanged([3]);
    news.signingKeysChanged();
    news.scanPolicyChanged(null);
    news.scanPolicyChanged(3);
    await ours?.ping();
    await theirs?.ping();
    expect(heard).toEqual([
      'project team',
      'project other',
      'account 7',
      'members 3',
      'keys',
      'scan policy all',
      'scan policy 3',
    ]);
  });
});

function recorder(heard: string[]): TestCore['services']['accounts']['onNotice'] {
  return {
    accountsChanged: (ids) => void heard.push(`account ${ids.join()}`),
    membersChanged: (ids) => void heard.push(`members ${ids.join()}`),
    signingKeysChanged: () => void heard.push('keys'),
  };
}
