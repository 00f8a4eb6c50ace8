import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';
import type { Account } from './account.js';

/** The row of an account, for writes. Lists and look-ups read the columns that they need. */
@Entity('account')
export class AccountEntity implements Account {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'ALWAYS' })
  id!: number;

  @Column({ type: 'text' })
  username!: string;

  @Column({ type: 'text' })
  email!: string;

  @Column({ type: 'text' })
  realname!: string;

  @Column({ type: 'text' })
  comment!: string;

  @Column({ type: 'text', name: 'password_hash', nullable: true })
  passwordHash!: string | null;

  @Column({ type: 'boolean', name: 'is_system_admin', default: false })
  isSystemAdmin!: boolean;

  @Column({ type: 'boolean', name: 'is_disabled', default: false })
  isDisabled!: boolean;

  @Column({ type: 'uuid', default: () => 'uuidv7()' })
  incarnation!: string;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;

  @Column({ type: 'timestamptz', name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;
}

/** The entity without what nobody outside may see. */
export function accountOf(entity: AccountEntity): Account {
  const { id, username, email, realname, comment, isSystemAdmin, isDisabled, createdAt, updatedAt } = entity;
  return { id, username, email, realname, comment, isSystemAdmin, isDisabled, createdAt, updatedAt };
}
