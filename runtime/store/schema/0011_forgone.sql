-- What a courier has gone on without: a JSON document of the runtime, kept by every
-- attempt until the courier has landed. NULL: nothing.

ALTER TABLE tasks ADD COLUMN forgone TEXT;

-- Until here it was a mark on what the task had found last.
UPDATE tasks SET forgone = json_object('missing', coalesce(json_extract(data, '$.missing'), json('[]')))
  WHERE kind = 'courier' AND state <> 'landed' AND data LIKE '%"passed_over":true%';
