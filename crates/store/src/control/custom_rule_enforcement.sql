-- Whether a rule acts, where it does not follow its tenant's setting.
ALTER TABLE custom_rule ADD COLUMN enforcement TEXT CHECK (enforcement IN ('monitor', 'enforce'));
UPDATE custom_rule SET enforcement = 'monitor' WHERE mode = 'shadow';
ALTER TABLE custom_rule DROP COLUMN mode;
