-- Whether a velocity rule acts, where it does not follow its tenant's setting.
ALTER TABLE velocity_rule ADD COLUMN acts TEXT CHECK (acts IN ('monitor', 'enforce'));
UPDATE velocity_rule SET acts = 'monitor' WHERE enforcement = 'monitor';
ALTER TABLE velocity_rule DROP COLUMN enforcement;
ALTER TABLE velocity_rule RENAME COLUMN acts TO enforcement;
