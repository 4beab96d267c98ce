import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isSameDatabase } from '../../nodes/store/same-database.ts';

describe('two addresses of a store', () => {
  it('mean one SQLite file by its place, however it is written', () => {
    assert.ok(isSameDatabase('sqlite:/a/b.sqlite', ' sqlite:///a/./b.sqlite '));
    assert.ok(isSameDatabase('sqlite:b.sqlite', `sqlite:${join(process.cwd(), 'b.sqlite')}`));
    assert.ok(!isSameDatabase('sqlite:/a/b.sqlite', 'sqlite:/a/c.sqlite'));
  });

  it('mean one PostgreSQL database by server and name: user, password and options are ways to it', () => {
    const one = 'postgres://ani:geheim@Db.Plant/shopfloor?sslmode=require';
    assert.ok(isSameDatabase(one, 'postgresql://budi@db.plant:5432/shopfloor'));
    assert.ok(!isSameDatabase(one, 'postgres://ani:geheim@db.plant:5433/shopfloor'));
    assert.ok(!isSameDatabase(one, 'postgres://ani:geheim@db.plant/archive'));
    assert.ok(!isSameDatabase(one, 'sqlite:/shopfloor'));
  });
});
