"""The first shape: the log, its index and what it knows of its sources, guards, accounts, beside outbox and inbox."""

import sqlalchemy as sa
from alembic import op

import shared.sql
from services.audit import store

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('person', sa.String(length=40), nullable=False),
    sa.Column('login', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('unit', sa.String(length=40), nullable=True),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('created_at', shared.sql.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('person_id'),
    sa.UniqueConstraint('login'),
    sa.UniqueConstraint('person')
    )
    op.create_table('bundle',
    sa.Column('n', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('n')
    )
    op.create_table('case_head',
    sa.Column('subject', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('subject')
    )
    op.create_index('ix_case_head_code', 'case_head', ['code'], unique=False)
    op.create_table('checkpoint',
    sa.Column('size', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('made_at', shared.sql.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('size')
    )
    op.create_table('dead_message',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('headers', sa.Text(), nullable=False),
    sa.Column('routing_key', sa.String(length=128), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', shared.sql.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('event_index',
    sa.Column('idx', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('recorded_at', shared.sql.Instant(), nullable=False),
    sa.Column('occurred_at', shared.sql.Instant(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('pos', sa.BigInteger(), nullable=False),
    sa.Column('type', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.Uuid(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('actor', sa.String(length=200), nullable=True),
    sa.Column('unit', sa.String(length=200), nullable=True),
    sa.PrimaryKeyConstraint('idx'),
    sa.UniqueConstraint('source', 'pos', name='event_index_place')
    )
    op.create_index('event_index_actor', 'event_index', ['actor', 'idx'], unique=False)
    op.create_index('event_index_event', 'event_index', ['event_id'], unique=False)
    op.create_index('event_index_subject', 'event_index', ['subject', 'idx'], unique=False)
    op.create_index('event_index_time', 'event_index', ['occurred_at'], unique=False, postgresql_using='brin')
    op.create_index('event_index_type', 'event_index', ['type', 'idx'], unique=False)
    op.create_table('finding',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('detail', sa.String(length=64), nullable=False),
    sa.Column('idx', sa.BigInteger(), nullable=False),
    sa.Column('opened_at', shared.sql.Instant(), nullable=False),
    sa.Column('closed_idx', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('held',
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('pos', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('headers', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('source', 'pos')
    )
    op.create_table('inbox',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('pos', sa.BigInteger(), nullable=False),
    sa.Column('subject', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_at', shared.sql.Instant(), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('received_at', shared.sql.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('event_id')
    )
    op.create_index('inbox_dead', 'inbox', ['received_at'], unique=False, postgresql_where=sa.text("state = 'dead'"), sqlite_where=sa.text("state = 'dead'"))
    op.create_index('inbox_open', 'inbox', ['source', 'subject', 'seq'], unique=True, postgresql_where=sa.text("state IN ('wait', 'retry', 'dead')"), sqlite_where=sa.text("state IN ('wait', 'retry', 'dead')"))
    op.create_index('inbox_pos', 'inbox', ['source', 'pos'], unique=False)
    op.create_index('inbox_retry', 'inbox', ['next_at'], unique=False, postgresql_where=sa.text("state = 'retry'"), sqlite_where=sa.text("state = 'retry'"))
    op.create_table('log_state',
    sa.Column('one', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('edge', sa.LargeBinary(), nullable=False),
    sa.Column('root', sa.LargeBinary(), nullable=False),
    sa.Column('pos', sa.BigInteger(), nullable=False),
    sa.Column('head', sa.LargeBinary(), nullable=False),
    sa.Column('batched_at', shared.sql.Instant(), nullable=True),
    sa.Column('batched_size', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('one')
    )
    op.create_table('outbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(length=64), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', shared.sql.Instant(), nullable=False),
    sa.Column('pos', sa.BigInteger(), nullable=True),
    sa.Column('leaf_hash', sa.LargeBinary(), nullable=True),
    sa.Column('prev', sa.LargeBinary(), nullable=True),
    sa.Column('sig', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('event_id'),
    sa.UniqueConstraint('pos')
    )
    op.create_index('outbox_unnumbered', 'outbox', ['id'], unique=False, postgresql_where=sa.text('pos IS NULL'), sqlite_where=sa.text('pos IS NULL'))
    op.create_table('outbox_stream',
    sa.Column('subject', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('subject')
    )
    op.create_table('recomputation',
    sa.Column('at', shared.sql.Instant(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('took_ms', sa.Integer(), nullable=False),
    sa.Column('fault', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('at')
    )
    op.create_table('refused',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=False),
    sa.Column('headers', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('at', shared.sql.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_refused_at', 'refused', ['at'], unique=False)
    op.create_table('relay_state',
    sa.Column('one', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('epoch', sa.Uuid(), nullable=False),
    sa.Column('assigned', sa.BigInteger(), nullable=False),
    sa.Column('published', sa.BigInteger(), nullable=False),
    sa.Column('head_hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('one')
    )
    op.create_table('source',
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('epoch', sa.String(length=36), nullable=False),
    sa.Column('pos', sa.BigInteger(), nullable=False),
    sa.Column('head', sa.LargeBinary(), nullable=False),
    sa.Column('is_frozen', sa.Boolean(), nullable=False),
    sa.Column('seen_at', shared.sql.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('source')
    )
    op.create_table('source_key',
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('kid', sa.String(length=8), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('since_pos', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('source', 'kid')
    )
    op.create_table('source_mark',
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('epoch', sa.String(length=36), nullable=False),
    sa.Column('pos', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('source')
    )
    op.create_table('source_told',
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('pos', sa.BigInteger(), nullable=False),
    sa.Column('head', sa.LargeBinary(), nullable=False),
    sa.Column('unnumbered', sa.Integer(), nullable=False),
    sa.Column('unnumbered_age_s', sa.Integer(), nullable=False),
    sa.Column('asked_at', shared.sql.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('source')
    )
    op.create_table('staff_session',
    sa.Column('id_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('made_at', shared.sql.Instant(), nullable=False),
    sa.Column('seen_at', shared.sql.Instant(), nullable=False),
    sa.Column('expires_at', shared.sql.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id_hash')
    )
    op.create_index('ix_staff_session_person_id', 'staff_session', ['person_id'], unique=False)
    op.create_table('stream_head',
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('source', 'subject')
    )
    op.create_table('subscriber_receipt',
    sa.Column('subscriber', sa.String(length=32), nullable=False),
    sa.Column('pos', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', shared.sql.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('subscriber')
    )
    op.create_table('tail',
    sa.Column('idx', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('idx')
    )
    op.create_table('tile',
    sa.Column('level', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('n', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('level', 'n')
    )
    op.create_table('withheld',
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('pos', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('leaf', sa.LargeBinary(), nullable=False),
    sa.Column('idx', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('source', 'pos')
    )
    store.protect(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("the log only grows")
