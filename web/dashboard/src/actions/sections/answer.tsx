import { Stack, Switch, TagsInput } from '@mantine/core';
import { JsonEditor } from '../../parts/json-editor';
import { notesFor, sentence } from '../model/places';
import { Notes, useField } from './notes';
import { useEditor } from './state';

/** What of the answer the model may see, and what stands in for an answer where nothing is called. */
export function Answer() {
  const { draft, edit, notes } = useEditor();
  const mock = useField('mock_response');
  const fields = notesFor(notes, 'result_fields');
  const refused = fields.filter((note) => note.severity === 'error').map((note) => sentence(`${note.field} ${note.message}`));
  const some = draft.result_fields !== null;
  return (
    <Stack gap="md">
      <div>
        <Switch
          label="Show the model only a part of the result"
          description="Whatever is in the prompt can end up in a reply. Name the parts that the customer may read; the rest stays out."
          checked={some}
          onChange={(event) => edit({ result_fields: event.currentTarget.checked ? [] : null })}
        />
        {draft.result_fields !== null ? (
          <TagsInput
            mt="sm"
            label="Result fields"
            description="JSON Pointers into result, such as /status or /order/tracking_number; press Enter after each. None: the model only learns that it worked."
            placeholder={draft.result_fields.length === 0 ? '/status' : ''}
            splitChars={[',', ' ']}
            maxTags={64}
            value={draft.result_fields}
            error={refused.length > 0 ? refused.join(' ') : undefined}
            onChange={(result_fields) => edit({ result_fields })}
          />
        ) : null}
        <Notes notes={fields.filter((note) => note.severity !== 'error')} />
      </div>
      <div>
        <JsonEditor
          label="Mock response"
          description={'Optional. What your endpoint would answer; the playground uses it instead of a call where you choose “Mock results”.'}
          value={draft.mock_response}
          error={mock.error}
          onChange={(mock_response) => edit({ mock_response })}
        />
        <Notes notes={mock.notes} />
      </div>
    </Stack>
  );
}
