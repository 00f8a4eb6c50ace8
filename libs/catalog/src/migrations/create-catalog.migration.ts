import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Projects, repositories, artifacts, tags; blobs and who owns every stored byte.
 *
 * Names sort and compare by byte (`COLLATE "C"`), as the OCI distribution spec orders tags and as Go clients do.
 * Why each table looks as it does: docs/architecture.md, "Every byte has one owner".
 */
export class CreateCatalog1764000100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE project (
        id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name         text COLLATE "C" NOT NULL,
        owner_id     integer NOT NULL,
        -- A new project under an old name is another project: tokens carry the incarnation they were made for.
        incarnation  uuid NOT NULL DEFAULT uuidv7(),
        is_public    boolean NOT NULL DEFAULT false,
        created_at   timestamptz NOT NULL DEFAULT now(),
        updated_at   timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT project_name_key UNIQUE (name)
      )`);
    await runner.query('CREATE INDEX project_owner_idx ON project (owner_id)');
    // For the many who see the public projects and a few of their own.
    await runner.query('CREATE INDEX project_public_idx ON project (name) WHERE is_public');
    await runner.query(`
      CREATE TABLE project_metadata (
        project_id  integer NOT NULL CONSTRAINT project_metadata_project_fk REFERENCES project ON DELETE CASCADE,
        key         text NOT NULL,
        value       text NOT NULL,
        CONSTRAINT project_metadata_pk PRIMARY KEY (project_id, key)
      )`);
    await runner.query(`
      -- Findings that a project accepts instead of the system's list (metadata reuse_sys_cve_allowlist says which).
      CREATE TABLE project_cve_allowlist (
        project_id  integer PRIMARY KEY CONSTRAINT project_cve_allowlist_project_fk REFERENCES project ON DELETE CASCADE,
        cve_ids     text[] NOT NULL,
        -- Null: it never ends.
        expires_at  timestamptz,
        created_at  timestamptz NOT NULL DEFAULT now(),
        updated_at  timestamptz NOT NULL DEFAULT now()
      )`);

    await runner.query(`
      CREATE TABLE repository (
        id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        project_id   integer NOT NULL CONSTRAINT repository_project_fk REFERENCES project ON DELETE RESTRICT,
        -- Full name, the project's included.
        name         text COLLATE "C" NOT NULL,
        description  text NOT NULL DEFAULT '',
        pull_count   bigint NOT NULL DEFAULT 0,
        -- Null until the first manifest arrives: an upload alone does not make a repository that lists show.
        listed_at    timestamptz,
        created_at   timestamptz NOT NULL DEFAULT now(),
        updated_at   timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT repository_name_key UNIQUE (name)
      )`);
    await runner.query(
      'CREATE INDEX repository_project_idx ON repository (project_id, created_at DESC, id DESC) WHERE listed_at IS NOT NULL',
    );
    await runner.query(
      'CREATE INDEX repository_listed_idx ON repository (created_at DESC, id DESC) WHERE listed_at IS NOT NULL',
    );
    await runner.query(
      'CREATE INDEX repository_project_name_idx ON repository (project_id, name) WHERE listed_at IS NOT NULL',
    );

    await runner.query('CREATE INDEX repository_unlisted_idx ON repository (id) WHERE listed_at IS NULL');

    await runner.query(`
      CREATE TABLE blob (
        id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        digest        text COLLATE "C" NOT NULL,
        size_bytes    bigint NOT NULL,
        -- The one object that holds the bytes. Never reused, so a late delete can never hit newer content.
        object_key    text COLLATE "C" NOT NULL,
        -- Set while the collector is about to drop it; a commit or a mount of the digest sets it back to null.
        condemned_at  timestamptz,
        created_at    timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT blob_digest_key UNIQUE (digest),
        CONSTRAINT blob_object_key_key UNIQUE (object_key)
      )`);
    await runner.query('CREATE INDEX blob_condemned_idx ON blob (condemned_at) WHERE condemned_at IS NOT NULL');

    await runner.query(`
      -- The only proof that a repository's readers may read a blob.
      CREATE TABLE repository_blob (
        repository_id  bigint NOT NULL CONSTRAINT repository_blob_repository_fk REFERENCES repository ON DELETE RESTRICT,
        blob_id        bigint NOT NULL CONSTRAINT repository_blob_blob_fk REFERENCES blob ON DELETE RESTRICT,
        -- Until when the link stays although no manifest of the repository needs the blob; null while one does.
        lease_until    timestamptz,
        created_at     timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT repository_blob_pk PRIMARY KEY (repository_id, blob_id)
      )`);
    // Both columns: a base layer has more links than any repository has blobs, and one of them is looked for.
    await runner.query('CREATE INDEX repository_blob_blob_idx ON repository_blob (blob_id, repository_id)');
    await runner.query(
      'CREATE INDEX repository_blob_lease_idx ON repository_blob (lease_until) WHERE lease_until IS NOT NULL',
    );

    await runner.query(`
      CREATE TABLE artifact (
        id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        project_id           integer NOT NULL CONSTRAINT artifact_project_fk REFERENCES project ON DELETE RESTRICT,
        repository_id        bigint NOT NULL CONSTRAINT artifact_repository_fk REFERENCES repository ON DELETE RESTRICT,
        digest               text COLLATE "C" NOT NULL,
        -- Harbor's words: IMAGE, CHART, …; the config's media type; the manifest's own.
        type                 text NOT NULL,
        media_type           text NOT NULL,
        manifest_media_type  text NOT NULL,
        artifact_type        text NOT NULL DEFAULT '',
        -- Of the manifest alone: what a HEAD and a referrer's descriptor say, without touching its bytes.
        manifest_size_bytes  integer NOT NULL,
        -- Manifest, config and layers together; an index adds its children.
        size_bytes           bigint NOT NULL,
        icon                 text NOT NULL DEFAULT '',
        extra_attributes     jsonb NOT NULL DEFAULT '{}',
        annotations          jsonb NOT NULL DEFAULT '{}',
        -- What this artifact is attached to; the subject need not exist.
        subject_digest       text COLLATE "C",
        -- What says so: its own manifest; the tag of a cosign signature; the tag of a client's own list of referrers,
        -- which is an accessory but itself no referrer.
        subject_origin       text CONSTRAINT artifact_subject_origin_check
                               CHECK (subject_origin IN ('manifest', 'cosign-tag', 'fallback-tag')),
        accessory_type       text,
        -- artifactType as the referrers API gives it: the manifest's, else its config's media type, else null.
        referrer_type        text,
        -- How many indexes of the repository hold it, and whether a tag names it: what the artifact list filters by.
        parent_count         integer NOT NULL DEFAULT 0,
        tag_count            integer NOT NULL DEFAULT 0,
        pushed_at            timestamptz NOT NULL DEFAULT now(),
        pulled_at            timestamptz,
        CONSTRAINT artifact_repository_digest_key UNIQUE (repository_id, digest),
        CONSTRAINT artifact_subject_check CHECK ((subject_digest IS NULL) = (subject_origin IS NULL)
                                             AND (subject_digest IS NULL) = (accessory_type IS NULL))
      )`);
    // Most repositories are small and a few are very large, while the planner reckons with the average. Told that there
    // are few, it plans for the large ones, where a wrong plan costs; in the small ones every plan is cheap.
    await runner.query('ALTER TABLE artifact ALTER COLUMN repository_id SET (n_distinct = 10)');
    // What lists show: no accessories, and children of an index only when a tag names them.
    const listed = 'WHERE accessory_type IS NULL AND (tag_count > 0 OR parent_count = 0)';
    await runner.query(
      `CREATE INDEX artifact_repository_listed_idx ON artifact (repository_id, pushed_at DESC, id DESC) ${listed}`,
    );
    await runner.query(
      `CREATE INDEX artifact_project_listed_idx ON artifact (project_id, pushed_at DESC, id DESC) ${listed}`,
    );
    await runner.query(
      'CREATE INDEX artifact_subject_idx ON artifact (repository_id, subject_digest) WHERE subject_digest IS NOT NULL',
    );
    await runner.query(`
      -- The bytes as they were pushed, apart from the row that lists read.
      CREATE TABLE artifact_manifest (
        artifact_id  bigint PRIMARY KEY CONSTRAINT artifact_manifest_artifact_fk REFERENCES artifact ON DELETE CASCADE,
        content      bytea NOT NULL
      )`);
    await runner.query('ALTER TABLE artifact_manifest ALTER COLUMN content SET STORAGE EXTERNAL');

    await runner.query(`
      -- What a manifest names, in its order. A blob of it is a foreign key to the repository's link, so the
      -- database itself refuses to forget a blob that a manifest needs. Both keys null: content that was never
      -- here (a foreign layer, or a gap that the project allows); they are filled in when it arrives.
      CREATE TABLE artifact_reference (
        artifact_id    bigint NOT NULL CONSTRAINT artifact_reference_artifact_fk REFERENCES artifact ON DELETE CASCADE,
        position       integer NOT NULL,
        repository_id  bigint NOT NULL,
        role           text NOT NULL CONSTRAINT artifact_reference_role_check CHECK (role IN ('config', 'layer', 'child')),
        digest         text COLLATE "C" NOT NULL,
        media_type     text NOT NULL,
        size_bytes     bigint NOT NULL,
        urls           text[] NOT NULL DEFAULT '{}',
        platform       jsonb,
        annotations    jsonb,
        blob_id        bigint,
        child_id       bigint CONSTRAINT artifact_reference_child_fk REFERENCES artifact ON DELETE RESTRICT,
        CONSTRAINT artifact_reference_pk PRIMARY KEY (artifact_id, position),
        CONSTRAINT artifact_reference_blob_fk FOREIGN KEY (repository_id, blob_id)
          REFERENCES repository_blob (repository_id, blob_id) ON DELETE RESTRICT
      )`);
    await runner.query(
      'CREATE INDEX artifact_reference_blob_idx ON artifact_reference (repository_id, blob_id) WHERE blob_id IS NOT NULL',
    );
    await runner.query(
      'CREATE INDEX artifact_reference_child_idx ON artifact_reference (child_id) WHERE child_id IS NOT NULL',
    );
    await runner.query(`
      CREATE INDEX artifact_reference_missing_idx ON artifact_reference (repository_id, digest)
        WHERE blob_id IS NULL AND child_id IS NULL`);

    await runner.query(`
      CREATE TABLE tag (
        id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        repository_id  bigint NOT NULL CONSTRAINT tag_repository_fk REFERENCES repository ON DELETE RESTRICT,
        artifact_id    bigint NOT NULL CONSTRAINT tag_artifact_fk REFERENCES artifact ON DELETE RESTRICT,
        name           text COLLATE "C" NOT NULL,
        pushed_at      timestamptz NOT NULL DEFAULT now(),
        pulled_at      timestamptz,
        CONSTRAINT tag_repository_name_key UNIQUE (repository_id, name)
      )`);
    // What is called so in all repositories: searches across projects.
    await runner.query('CREATE INDEX tag_name_idx ON tag (name)');
    await runner.query('CREATE INDEX tag_artifact_idx ON tag (artifact_id, pushed_at DESC, id DESC)');

    await runner.query(`
      CREATE TABLE upload (
        id              uuid PRIMARY KEY,
        repository_id   bigint NOT NULL CONSTRAINT upload_repository_fk REFERENCES repository ON DELETE RESTRICT,
        -- Only the principal that opened an upload may go on with it: 'user:7', 'robot:3', ….
        principal       text NOT NULL,
        object_key      text COLLATE "C" NOT NULL,
        -- What is computed while bytes arrive. Another one can be asked for at the end, at the price of reading all.
        digest_algorithm text NOT NULL DEFAULT 'sha256'
                          CONSTRAINT upload_digest_algorithm_check CHECK (digest_algorithm IN ('sha256', 'sha512')),
        -- The storage driver's own notes (parts, tail); null before the first byte.
        write_state     jsonb,
        received_bytes  bigint NOT NULL DEFAULT 0,
        -- The request that writes now, and until when it is believed to be alive.
        writer          uuid,
        writer_until    timestamptz,
        expires_at      timestamptz NOT NULL,
        created_at      timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT upload_object_key_key UNIQUE (object_key)
      )`);
    await runner.query('CREATE INDEX upload_expires_idx ON upload (expires_at)');
    await runner.query('CREATE INDEX upload_repository_idx ON upload (repository_id)');

    await runner.query(`
      -- Objects that nothing needs any more. The row goes after the object is gone, so a crash repeats the delete.
      CREATE TABLE trash (
        object_key    text COLLATE "C" PRIMARY KEY,
        write_state   jsonb,
        size_bytes    bigint NOT NULL,
        reason        text NOT NULL CONSTRAINT trash_reason_check
                        CHECK (reason IN ('collected', 'duplicate', 'cancelled', 'expired', 'refused', 'superseded')),
        delete_after  timestamptz NOT NULL DEFAULT now(),
        attempts      integer NOT NULL DEFAULT 0,
        last_error    text,
        created_at    timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX trash_delete_after_idx ON trash (delete_after)');

    await runner.query(`
      -- A deleted artifact, whole, until its time in the trash is over: restoring is moving it back.
      CREATE TABLE deleted_artifact (
        id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        project_id           integer NOT NULL,
        repository_name      text COLLATE "C" NOT NULL,
        digest               text COLLATE "C" NOT NULL,
        manifest_media_type  text NOT NULL,
        content              bytea NOT NULL,
        tags                 text[] NOT NULL,
        pushed_at            timestamptz NOT NULL,
        deleted_by           text NOT NULL,
        deleted_at           timestamptz NOT NULL DEFAULT now(),
        purge_after          timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX deleted_artifact_purge_idx ON deleted_artifact (purge_after)');
    await runner.query(
      'CREATE INDEX deleted_artifact_repository_idx ON deleted_artifact (repository_name, deleted_at DESC)',
    );
    await runner.query(`
      CREATE TABLE deleted_artifact_blob (
        deleted_artifact_id  bigint NOT NULL CONSTRAINT deleted_artifact_blob_artifact_fk
                               REFERENCES deleted_artifact ON DELETE CASCADE,
        blob_id              bigint NOT NULL CONSTRAINT deleted_artifact_blob_blob_fk REFERENCES blob ON DELETE RESTRICT,
        CONSTRAINT deleted_artifact_blob_pk PRIMARY KEY (deleted_artifact_id, blob_id)
      )`);
    await runner.query('CREATE INDEX deleted_artifact_blob_blob_idx ON deleted_artifact_blob (blob_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE deleted_artifact_blob, deleted_artifact, trash, upload, tag, artifact_reference,
                 artifact_manifest, artifact, repository_blob, blob, repository, project_cve_allowlist, project_metadata,
                 project`);
  }
}
