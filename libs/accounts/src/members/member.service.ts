import {
  ForeignKeyViolationError,
  UniqueViolationError,
  type Transaction,
  type UnitOfWork,
} from '@breakwater/database';
import { isRoleId, Role, type Actor, type RoleId } from '@breakwater/rbac';
import {
  AccountNotFoundError,
  InvalidMemberError,
  InvalidRoleError,
  MemberConflictError,
  MemberNotFoundError,
  MemberProjectGoneError,
} from '../accounts.errors.js';
import type { Member, MemberPage, NewMember } from './member.js';
import type { MemberNews } from './member-news.js';
import type { MemberRepository } from './member.repository.js';

/** Who belongs to a project. A member is only ever reached through its project. */
export class MemberService {
  constructor(
    private readonly repository: MemberRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly news: MemberNews,
  ) {}

  /** By name. @param entityName  only the member of exactly this name. */
  list(
    projectId: number,
    { entityName = null, limit, offset }: { entityName?: string | null; limit: number | null; offset: number },
  ): Promise<MemberPage> {
    return this.repository.list(projectId, { entityName, limit, offset });
  }

  /** For the project's summary. Roles that nobody has are absent. */
  countByRole(projectId: number): Promise<ReadonlyMap<RoleId, number>> {
    return this.repository.countByRole(projectId);
  }

  /** @throws MemberNotFoundError  also for a member of another project. */
  async get(projectId: number, memberId: number): Promise<Member> {
    const member = await this.repository.find(projectId, memberId);
    if (!member) throw new MemberNotFoundError(memberId);
    return member;
  }

  /**
   * @returns the id of the new member.
   * @throws InvalidRoleError, MemberConflictError
   * @throws InvalidMemberError  nobody is named, or the user id is unknown (400 as in Harbor).
   * @throws AccountNotFoundError  the user name is unknown.
   */
  async add(actor: Actor, projectId: number, { userId, username, roleId }: NewMember): Promise<number> {
    const role = parseRole(roleId);
    const by = userId ? userId : username;
    if (!by) throw new InvalidMemberError('the request names neither a user id nor a user name');
    try {
      return await this.unitOfWork.run(async (tx) => {
        const account = await this.repository.findAccountForMembership(tx, by);
        if (!account)
          throw typeof by === 'number'
            ? new InvalidMemberError(`user id ${by} is unknown`)
            : new AccountNotFoundError(by);
        const id = await this.repository.insert(tx, projectId, account.id, role);
        const { id: entityId, name: entityName } = account;
        await this.news.added(tx, actor, { id, projectId, entityType: 'u', entityId, entityName, roleId: role });
        return id;
      });
    } catch (error) {
      if (error instanceof UniqueViolationError) throw new MemberConflictError(String(by), { cause: error });
      if (error instanceof ForeignKeyViolationError) throw new MemberProjectGoneError(projectId);
      throw error;
    }
  }

  /**
   * The creator of a project becomes its administrator, in the transaction that makes the project. No event: the
   * project's own says who made it.
   */
  async addCreator(tx: Transaction, projectId: number, accountId: number): Promise<void> {
    await this.repository.insert(tx, projectId, accountId, Role.projectAdmin);
    this.news.silently(tx, projectId);
  }

  /** @throws InvalidRoleError, MemberNotFoundError */
  async setRole(actor: Actor, projectId: number, memberId: number, roleId: number): Promise<void> {
    const role = parseRole(roleId);
    await this.unitOfWork.run(async (tx) => {
      const member = await this.repository.findForUpdate(tx, projectId, memberId);
      if (!member) throw new MemberNotFoundError(memberId);
      if (member.roleId === role) return;
      await this.repository.setRole(tx, memberId, role);
      await this.news.changed(tx, actor, { ...member, roleId: role });
    });
  }

  /** @throws MemberNotFoundError */
  async remove(actor: Actor, projectId: number, memberId: number): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const member = await this.repository.findForUpdate(tx, projectId, memberId);
      if (!member) throw new MemberNotFoundError(memberId);
      await this.repository.delete(tx, memberId);
      await this.news.removed(tx, actor, member);
    });
  }
}

function parseRole(roleId: number): RoleId {
  if (!isRoleId(roleId)) throw new InvalidRoleError(roleId);
  return roleId;
}
