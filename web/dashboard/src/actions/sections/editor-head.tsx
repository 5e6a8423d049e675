import { ActionIcon, Anchor, Button, Menu, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconCopy, IconDots, IconDownload, IconHistory, IconTrash } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Action } from '../../api/types';
import { PageHead } from '../../parts/page-head';
import { RelativeTime } from '../../parts/time';
import { DeleteAction } from '../delete-action';
import { EnabledSwitch } from '../enabled-switch';
import { download } from '../download';
import { goTo } from './go-to';
import { useEditor } from './state';

type Props = { action: Action; saving: boolean; onSave: () => void; onToggled: (action: Action) => void };

/** Which action, whether it is on, its version, and what one can do. */
export function EditorHead({ action, saving, onSave, onToggled }: Props) {
  const { changed, discard } = useEditor();
  const [deleting, setDeleting] = useState(false);
  const navigate = useNavigate();
  const dirty = changed.length > 0;
  useHotkeys([['mod+S', () => { if (dirty) onSave(); }]], [], true);
  return (
    <>
      <PageHead
        title={action.display_name}
        state={<EnabledSwitch action={action} onToggled={onToggled} />}
        about={
          <Text span c="dimmed" size="sm">
            <Anchor component={Link} to={`/actions/${action.id}/versions`} size="sm">Version {action.version}</Anchor>
            {' · saved '}<RelativeTime at={action.updated_at} />
            {dirty ? ` · ${changed.length} unsaved ${changed.length === 1 ? 'change' : 'changes'}` : ''}
          </Text>
        }
      >
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="default" size={34} aria-label="More for this action"><IconDots size={16} /></ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconHistory size={15} />} onClick={() => void navigate({ to: '/actions/$id/versions', params: { id: action.id } })}>Versions</Menu.Item>
            <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => void navigate({ to: '/actions/new', search: { from: action.id } })}>Duplicate</Menu.Item>
            <Menu.Item leftSection={<IconDownload size={15} />} onClick={() => download(action)}>Export as JSON</Menu.Item>
            <Menu.Divider />
            <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={() => setDeleting(true)}>Delete…</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Button variant="default" onClick={() => goTo('test', false)}>Test</Button>
        {dirty ? <Button variant="default" onClick={discard}>Discard</Button> : null}
        <Button onClick={onSave} loading={saving} disabled={!dirty}>Save changes</Button>
      </PageHead>
      <DeleteAction action={action} opened={deleting} onClose={() => setDeleting(false)} />
    </>
  );
}
