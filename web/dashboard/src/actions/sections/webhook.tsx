import { Accordion } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import classes from '../actions.module.css';
import { topOf } from '../model/places';
import { AllowAddresses } from './allow-addresses';
import { Answer } from './answer';
import { Behaviour } from './behaviour';
import { Headers } from './headers';
import { Panel } from './panel';
import { SigningSecret } from './signing-secret';
import { VerifySnippets } from './verify-snippets';
import { useEditor } from './state';

/** How the call is made, what may go wrong, and how your endpoint knows that it is genuine. */
export function Webhook({ footer }: { footer?: ReactNode }) {
  const { action, draft, notes, problems } = useEditor();
  const [open, setOpen] = useState<string[]>([]);
  // What is wrong in there is not hidden.
  const wrong = problems.has('mock_response') || notes.some(({ field }) => ['result_fields', 'mock_response'].includes(topOf(field)));
  return (
    <Panel
      section="webhook"
      number={3}
      title="Webhook"
      why="How the call is made, and how your endpoint knows that it is genuine."
      footer={footer}
    >
      <Behaviour />
      <Headers />
      <Accordion multiple variant="default" mt="lg" chevronPosition="left" classNames={{ item: classes.fold, control: classes.foldControl }} value={wrong && !open.includes('answer') ? [...open, 'answer'] : open} onChange={setOpen}>
        <Accordion.Item value="answer">
          <Accordion.Control>What comes back{summaryOf(draft.result_fields, draft.mock_response)}</Accordion.Control>
          <Accordion.Panel><Answer /></Accordion.Panel>
        </Accordion.Item>
        <Accordion.Item value="secret">
          <Accordion.Control>Signing secret</Accordion.Control>
          <Accordion.Panel><SigningSecret action={action} /></Accordion.Panel>
        </Accordion.Item>
        <Accordion.Item value="verify">
          <Accordion.Control>Verify calls in your endpoint</Accordion.Control>
          <Accordion.Panel><VerifySnippets url={draft.webhook_url} /></Accordion.Panel>
        </Accordion.Item>
        <Accordion.Item value="allow">
          <Accordion.Control>Addresses to allow</Accordion.Control>
          <Accordion.Panel><AllowAddresses /></Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Panel>
  );
}

function summaryOf(fields: string[] | null, mock: string): ReactNode {
  const parts = [
    fields === null ? '' : `${fields.length} result ${fields.length === 1 ? 'field' : 'fields'}`,
    mock.trim() === '' ? '' : 'mock response',
  ].filter((part) => part !== '');
  return parts.length > 0 ? <span className={classes.foldNote}>{parts.join(', ')}</span> : null;
}
