import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../api/client';
import { ConfirmByName } from '../parts/confirm-by-name';
import { tell } from '../parts/tell';

type Props = { action: { id: string; name: string; display_name: string }; opened: boolean; onClose: () => void };

/** Asks for the action's name before it is gone. */
export function DeleteAction({ action, opened, onClose }: Props) {
  const navigate = useNavigate();
  const cache = useQueryClient();
  return (
    <ConfirmByName
      opened={opened}
      onClose={onClose}
      title="Delete this action?"
      name={action.name}
      verb="Delete action"
      onConfirm={async () => {
        await api.DELETE('/v1/actions/{id}', { params: { path: { id: action.id } } });
        // The page that shows it would only ask for it again.
        await navigate({ to: '/actions', ignoreBlocker: true });
        cache.removeQueries({ queryKey: ['actions', action.id] });
        void cache.invalidateQueries({ queryKey: ['actions'] });
        void cache.invalidateQueries({ queryKey: ['agents'] });
        tell(`${action.display_name} was deleted`);
      }}
    >
      No agent can use <strong>{action.display_name}</strong> from then on, and its signing secret is gone. Its past
      invocations stay in the log.
    </ConfirmByName>
  );
}
